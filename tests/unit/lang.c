/* SPDX-License-Identifier: ISC */
#include "lang.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"

struct row {
	const char *lang, *text;
};

/* Several of each language, short ones too. */
static const struct row prose[] = {
    {"en", "Could you tell me what the weather will be like tomorrow?"},
    {"en", "Write a short poem about autumn."},
    {"en", "Hello, how are you today?"},
    {"en", "The quick brown fox jumps over the lazy dog, and nobody seems to mind."},
    {"en", "Summarise this article for me in three sentences."},
    {"en", "WHY IS THE SKY BLUE?"},
    {"en", "My naïve café owner doesn't know how to fix it."},
    {"de", "Kannst du mir bitte sagen, wie spät es ist?"},
    {"de", "Schreibe ein kurzes Gedicht über den Herbst."},
    {"de", "Warum ist der Himmel blau?"},
    {"de", "Übersetze diesen Text bitte ins Englische."},
    {"de", "ICH MÖCHTE EINE RECHNUNG FÜR DAS LETZTE JAHR."},
    {"de", "Gestern sind wir mit dem Zug nach Hamburg gefahren, aber es hat nur geregnet."},
    {"fr", "Peux-tu me dire quelle heure il est, s'il te plaît ?"},
    {"fr", "Écris un court poème sur l'automne."},
    {"fr", "Pourquoi le ciel est-il bleu ?"},
    {"fr", "Bonjour, comment allez-vous aujourd’hui ?"},
    {"fr", "Nous avons pris le train pour Lyon, mais il a plu toute la journée."},
    {"es", "¿Puedes decirme qué hora es, por favor?"},
    {"es", "Escribe un poema corto sobre el otoño."},
    {"es", "¿Por qué el cielo es azul?"},
    {"es", "Hola, ¿cómo estás hoy?"},
    {"es", "Ayer fuimos en tren a Sevilla, pero llovió todo el día."},
    {"it", "Puoi dirmi che ore sono, per favore?"},
    {"it", "Scrivi una breve poesia sull'autunno."},
    {"it", "Perché il cielo è blu?"},
    {"it", "Ciao, come stai oggi?"},
    {"it", "Ieri siamo andati a Torino con il treno, ma ha piovuto tutto il giorno."},
    {"pt", "Você pode me dizer que horas são, por favor?"},
    {"pt", "Escreva um poema curto sobre o outono."},
    {"pt", "Por que o céu é azul?"},
    {"pt", "Olá, como você está hoje?"},
    {"pt", "Ontem fomos de comboio até ao Porto, mas choveu o dia todo."},
    {"nl", "Kun je mij vertellen hoe laat het is?"},
    {"nl", "Schrijf een kort gedicht over de herfst."},
    {"nl", "Waarom is de lucht blauw?"},
    {"nl", "Hallo, hoe gaat het met jullie vandaag?"},
    {"nl", "Gisteren zijn we met de trein naar Utrecht gegaan, maar het regende de hele dag."},
    {"sv", "Kan du berätta för mig vad klockan är?"},
    {"sv", "Skriv en kort dikt om hösten."},
    {"sv", "Varför är himlen blå?"},
    {"sv", "Hej, hur mår du idag?"},
    {"sv", "I går tog vi tåget till Göteborg, men det regnade hela dagen."},
    {"da", "Kan du fortælle mig, hvad klokken er?"},
    {"da", "Skriv et kort digt om efteråret, tak."},
    {"da", "Hvad er grunden til, at himlen er blå?"},
    {"da", "Hej, hvordan går det med dig nu?"},
    {"da", "I går tog vi toget til Aarhus, men det regnede hele dagen, og vi blev meget våde af det."},
    {"no", "Kan du fortelle meg hva klokka er?"},
    {"no", "Skriv et kort dikt om høsten, takk."},
    {"no", "Hva er grunnen til at himmelen er blå?"},
    {"no", "Hei, hvordan går det med deg nå?"},
    {"no", "I går tok vi toget til Bergen, men det regnet hele dagen, og vi ble veldig våte av det."},
    {"pl", "Czy możesz mi powiedzieć, która jest godzina?"},
    {"pl", "Napisz krótki wiersz o jesieni."},
    {"pl", "Dlaczego niebo jest niebieskie?"},
    {"pl", "Cześć, jak się dzisiaj masz?"},
    {"pl", "Wczoraj pojechaliśmy pociągiem do Krakowa, ale przez cały dzień padało."},
    {"cs", "Můžeš mi prosím říct, kolik je hodin?"},
    {"cs", "Napiš krátkou báseň o podzimu."},
    {"cs", "Proč je nebe modré?"},
    {"cs", "Ahoj, jak se dnes máš?"},
    {"cs", "Včera jsme jeli vlakem do Brna, ale celý den pršelo."},
    {"tr", "Bana saatin kaç olduğunu söyler misin?"},
    {"tr", "Sonbahar hakkında kısa bir şiir yaz."},
    {"tr", "Gökyüzü neden mavi?"},
    {"tr", "Merhaba, bugün nasılsın?"},
    {"tr", "Dün trenle İzmir'e gittik ama bütün gün yağmur yağdı."},
    {"fi", "Voitko kertoa minulle, paljonko kello on?"},
    {"fi", "Kirjoita lyhyt runo syksystä, kiitos."},
    {"fi", "Miksi taivas on sininen?"},
    {"fi", "Hei, mitä sinulle kuuluu tänään?"},
    {"fi", "Eilen menimme junalla Turkuun, mutta koko päivän satoi vettä."},
    {"hu", "Meg tudnád mondani, hogy hány óra van?"},
    {"hu", "Írj egy rövid verset az őszről."},
    {"hu", "Miért kék az ég?"},
    {"hu", "Szia, hogy vagy ma?"},
    {"hu", "Tegnap vonattal mentünk Szegedre, de egész nap esett az eső."},
    {"ro", "Poți să-mi spui cât este ceasul, te rog?"},
    {"ro", "Scrie o poezie scurtă despre toamnă."},
    {"ro", "De ce este cerul albastru?"},
    {"ro", "Salut, ce mai faci astăzi?"},
    {"ro", "Ieri am mers cu trenul la Cluj, dar a plouat toată ziua."},
    {"vi", "Bạn có thể cho tôi biết bây giờ là mấy giờ không?"},
    {"vi", "Hãy viết một bài thơ ngắn về mùa thu."},
    {"vi", "Tại sao bầu trời có màu xanh?"},
    {"vi", "Xin chào, hôm nay bạn thế nào?"},
    {"vi", "Hôm qua chúng tôi đi tàu đến Huế, nhưng trời mưa cả ngày."},
    {"id", "Bisakah kamu memberi tahu saya jam berapa sekarang?"},
    {"id", "Tolong tulis puisi pendek tentang musim gugur."},
    {"id", "Mengapa langit itu berwarna biru?"},
    {"id", "Halo, apa kabar kamu hari ini?"},
    {"id", "Kemarin kami pergi ke Bandung dengan kereta, tetapi hujan turun sepanjang hari."},
    {"ru", "Скажи мне, пожалуйста, который сейчас час?"},
    {"ru", "Напиши короткое стихотворение об осени."},
    {"ru", "Почему небо голубое?"},
    {"ru", "ПРИВЕТ, КАК У ТЕБЯ ДЕЛА?"},
    {"ru", "Вчера мы поехали на поезде в Казань, но весь день шёл дождь."},
    {"uk", "Скажи мені, будь ласка, котра зараз година?"},
    {"uk", "Напиши короткий вірш про осінь."},
    {"uk", "Чому небо блакитне і високе?"},
    {"uk", "Привіт, як у тебе справи?"},
    {"uk", "Учора ми поїхали потягом до Львова, але весь день йшов дощ."},
    {"bg", "Кажи ми, моля, колко е часът сега?"},
    {"bg", "Напиши ми кратко стихотворение за есента, моля."},
    {"bg", "Защо небето е синьо?"},
    {"bg", "Здравей, как си днес?"},
    {"bg", "Вчера отидохме с влак до Пловдив, но цял ден валя дъжд."},
    {"el", "Μπορείς να μου πεις τι ώρα είναι;"},
    {"el", "Γράψε ένα σύντομο ποίημα."},
    {"ar", "هل يمكنك أن تخبرني كم الساعة الآن؟"},
    {"ar", "اكتب قصيدة قصيرة عن الخريف."},
    {"ar", "لماذا السماء زرقاء؟"},
    {"fa", "می‌توانی به من بگویی ساعت چند است؟"},
    {"fa", "یک شعر کوتاه درباره پاییز بنویس."},
    {"fa", "چرا آسمان آبی است؟"},
    {"ur", "کیا آپ مجھے بتا سکتے ہیں کہ کیا وقت ہوا ہے؟"},
    {"ur", "آسمان نیلا کیوں ہوتا ہے؟"},
    {"he", "אתה יכול להגיד לי מה השעה?"},
    {"he", "כתוב שיר קצר על הסתיו."},
    {"hi", "क्या आप मुझे बता सकते हैं कि क्या समय हुआ है?"},
    {"hi", "आसमान नीला क्यों है?"},
    {"bn", "আকাশ নীল কেন?"},
    {"ta", "வானம் ஏன் நீலமாக இருக்கிறது?"},
    {"te", "ఆకాశం ఎందుకు నీలంగా ఉంటుంది?"},
    {"th", "ตอนนี้กี่โมงแล้ว ช่วยบอกหน่อย"},
    {"hy", "Ինչո՞ւ է երկինքը կապույտ"},
    {"ka", "რატომ არის ცა ლურჯი?"},
    {"ko", "지금 몇 시인지 알려 주세요."},
    {"ko", "하늘은 왜 파란가요?"},
    {"ja", "今何時か教えてください。"},
    {"ja", "Pythonでリストをソートする方法は？"},
    {"ja", "秋についての短い詩を書いてください。"},
    {"ja", "ソフトウェア"},
    {"ja", "東京都庁の展望室は何時まで"},
    {"zh", "请告诉我现在几点了。"},
    {"zh", "寫一首關於秋天的短詩。"},
    {"zh", "如何用 Python 读取 JSON 文件？"},
};

/* What no language can be told of. */
static const struct row others[] = {
    {"nothing", ""},
    {"blanks", " \n\t "},
    {"numbers", "3.14159 2,718 42 1000000 7 8 9 2026-05-01 17:30"},
    {"a word", "Hello"},
    {"two words", "Hello there"},
    {"a few letters", "αβ γ"},
    {"names", "the1 of2 and3 to4 in5 is6 that7 for8"},
    {"letters", "x y"},
    {"hexadecimal", "deadbeef cafe babe f00d 0xff a1b2c3"},
    {"base64", "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdA=="},
    {"C",
	"static int\nadd(struct list *l, const char *s)\n{\n\tif (!s || l->n == MAX)\n\t\treturn -1;\n\tfor (int i = 0; i < "
	"l->n; i++)\n\t\tif (l->v[i] == s)\n\t\t\treturn i;\n\treturn 0;\n}\n"},
    {"Python",
	"def f(x):\n    for i in range(10):\n        if i not in x and x is not None:\n            print(i, x[i])\n    "
	"return [y for y in x if y != 0]\n"},
    {"JSON", "{\"id\": 7, \"name\": \"the\", \"tags\": [\"a\", \"of\"], \"on\": true, \"to\": null}"},
    {"shell", "for f in *.c; do [ -e \"$f\" ] || continue; cc -o \"${f%.c}\" \"$f\" && echo \"$f\" >>done; done"},
    {"HTML", "<html><body><div class=\"a\"><p>Hi</p><a href=\"/in/the/x\">to</a></div></body></html>"},
    {"TSV", "id\tmodel\tcost\n1\tgpt\t0.5\n2\tclaude\t0.25\n"},
    {"a path", "/usr/share/doc/the/of/and/in/is"},
    {"bytes", "\xff\xfe\x80\x81\xc3\x28\xa0\xa1\xe2\x28\xa1"},
    {"emoji", "😀😀😀 🎉🎉🎉 ❤️❤️❤️ 👍👍👍"},
    {"half and half", "Where is the station and when does it open? Wo ist der Bahnhof und wann wird er aufgemacht?"},
    {"two scripts", "What is this? Что это такое?"},
    {"Serbian", "Зашто је небо плаво и шта мислиш о томе?"},
    {"Belarusian", "Чаму неба блакітнае і што ты думаеш пра гэта, ўсё роўна?"},
};

static void
test_tables(void)
{
	for (size_t i = 0; i < sizeof(prose) / sizeof(*prose); i++) {
		tap_is_str(lang_of(prose[i].text, strlen(prose[i].text)), prose[i].lang, prose[i].text);
		tap_ok(lang_known(prose[i].lang, 2), "a code that is known");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		tap_is_str(lang_of(others[i].text, strlen(others[i].text)), "", others[i].lang);
	tap_ok(!lang_known("", 0) && !lang_known("e", 1) && !lang_known("eng", 3) && !lang_known("xx", 2) &&
		!lang_known("EN", 2),
	    "codes that aren't known");
}

/* As many copies of a sentence as make n bytes. Owned. */
static char *
pages(const char *sentence, size_t n)
{
	char *text = malloc(n + 1);
	size_t len = strlen(sentence);

	for (size_t i = 0; i < n; i++)
		text[i] = sentence[i % len];
	text[n] = '\0';
	return text;
}

static void
test_limit(void)
{
	char *text = pages("Wo ist der Bahnhof? ", 200000);

	memset(text + 65536, '{', 200000 - 65536);
	tap_is_str(lang_of(text, 200000), "de", "what is behind the first 64 KiB isn't looked at");
	free(text);
	text = pages("ü", 65537);
	tap_is_str(lang_of(text, 65537), "", "nor is a character that is cut there");
	free(text);
	text = pages("a", 65536);
	tap_is_str(lang_of(text, 65536), "", "a word may be long");
	free(text);
}

static long long
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Each sentence at 64 KiB. The bound is many times what is measured, for slow machines and sanitizers. */
static void
test_speed(void)
{
	long long worst = 0;
	const char *who = "";

	for (size_t i = 0; i < sizeof(prose) / sizeof(*prose); i++) {
		char *text = pages(prose[i].text, 65536);
		long long from = now_us();
		lang_of(text, 65536);
		long long us = now_us() - from;
		if (us > worst) {
			worst = us;
			who = prose[i].lang;
		}
		free(text);
	}
	tap_ok(worst < 100000, "64 KiB take no time");
	printf("# at most %lld us (%s)\n", worst, who);
}

int
main(void)
{
	test_tables();
	test_limit();
	test_speed();
	return tap_done();
}
