/* SPDX-License-Identifier: ISC */
/* Words and letters by which languages of one script are told. What stands in the lists of several counts little for
 * each. An apostrophe ends a word. */
#include "lang_priv.h"

const struct lang_clues lang_latin[] = {
    {"en",
	"the of and to in is it that for on with as was at by an be this are from or have not but what all were when "
	"we there can your which their will if do how about out up then them these so some would make has more who "
	"could been now my me you he she they his her our its into than just only also no yes one any other should "
	"does did had may please write why where explain tell give use hello hi thanks thank don ll ve re shall "
	"because very i us get",
	"", "ing ion ted ess ble ght ous ers ure ate ked ned red sed ity lly ful age ary nce"},
    {"de",
	"der die das und ist in zu den von nicht mit ein eine einen einem einer es ich auf für sich dem des im als "
	"auch wie was aus er sie wir ihr du hat habe haben wird werden war sind bei nach noch nur oder aber wenn kann "
	"kannst man mir mich dir dich bitte warum wo wer wann welche schreibe schreib erkläre erklär über zum zur um "
	"so vom mehr sehr wurde mein meine dein deine sein seine kein keine dass daß schon jetzt hier gibt heute "
	"danke hallo alle uns bis durch vor unter ja nein gut doch ohne am an",
	"äöüß", "ung ich ten ter hen eit gen nen sen den ern sch ste ert end cht ige lle fen ben eln"},
    {"fr",
	"le la les de des du et est en un une que qui dans pour pas sur au aux avec ce cette ces il elle ils je tu "
	"nous vous se son sa ses mon ma mes ton ta tes ne plus par ou où mais comme sont être été a à y on l d c j qu "
	"s n m t leur si tout tous toutes bien fait faire peut peux comment pourquoi quel quelle quels merci bonjour "
	"écris écrire explique quoi très aussi sans même après entre votre notre deux était ont ai suis moi donc ça "
	"quand cela",
	"çèêëîïôûùœéàâ", "ion ent eur eux ait ées que aux ons ier ire tre née lle nte oir sse els ués rès"},
    {"es",
	"el la los las de del que y en un una es por con no para su sus al lo como más pero le les ya o este esta "
	"esto estos sí si porque entre cuando muy sin sobre también me hasta hay donde dónde quien desde todo todos "
	"nos mi mis qué cómo está están son ser tiene yo tú te se fue gracias hola favor escribe explica puedo puedes "
	"cuál era eso ha han he cuándo quiero",
	"ñ¿¡áíóú", "ión ado ada dos das ndo nte dad mos cia ero nes les res ito ido ida ble ivo"},
    {"it",
	"il lo la i gli le di a da in con su per tra un una uno e è che non si sono del della dei delle degli nel "
	"nella nei al alla ai alle dal dalla come più ma anche o se mi ti ci vi questo questa questi quello quella ha "
	"ho hai hanno essere cosa perché chi dove quando molto sua suo mio tuo tutti tutto fare grazie ciao scrivi "
	"spiega spiegami quale quanto l dell nell all c po puoi stato era così",
	"èìòùàé", "ato are ire ere one nte tto ità lla tti ano ata zza oni ono uto uta ivo ile"},
    {"pt",
	"o a os as de do da dos das em no na nos nas um uma que e é não com por para se mais como mas ao aos à foi "
	"ele ela eles eu você vocês isso isto este esta esse essa são ser tem têm está estão seu sua meu minha muito "
	"já também quando onde porque qual quem há pelo pela até só obrigado obrigada olá favor escreva escreve "
	"explique explica sem sobre depois entre nós me te lhe pode posso quero era sou",
	"ãõçêâáé", "ção ões ado ndo ade nte mos eza iro ada ida ido ros vel dos das gem"},
    {"nl",
	"de het een en van is in dat op te zijn voor met niet die aan er om ook als maar bij naar uit dan nog wel kan "
	"kun geen worden wordt door over hij zij ze wij we je jij u ik mij mijn jouw hun heeft hebben was waren of "
	"wat hoe waarom waar wie welke deze dit veel meer al zo heb bent schrijf leg hallo dank alle alles moet zou "
	"tot onze ons jullie uw graag vandaag omdat goed wil",
	"", "ing den ren gen ijk eid tie sen len ken rde ten ven and oor aar ond erd eld"},
    {"sv",
	"och att det i en är som på för av med den inte till ett om har de jag du han hon vi ni man var kan men från "
	"så när hur vad vem varför eller nu ska skulle vara mycket också efter bara mig dig min din mitt sin finns "
	"där här tack hej detta denna alla vid över många ut upp skriv förklara blir blev hade mer utan vill mellan "
	"sedan idag snälla",
	"äöå", "ade ing are nde het tet lar rna ska ten llt ats ran gar kon ort igt las nas ett"},
    {"da",
	"og det i at er en til på den de af for ikke med har som jeg du han hun vi man var kan men fra så når hvordan "
	"hvad hvorfor hvem hvilken eller nu skal ville være meget også efter kun mig dig min din sin mit der her tak "
	"hej dette denne alle ved over mange ud op skriv forklar bliver et om sig blev have hvor noget nogle mere "
	"uden mellem vil havde bare dag ind fejl bruger bruge gør igen hjælp hjælpe spørgsmål sætning først hvis "
	"ingen dansk tekst fil",
	"æøå", "ing nde hed ere ede gen rne ske est ter tes lig elt lse ket ste"},
    {"no",
	"og det i at er en til på den de av for ikke med har som jeg du han hun vi man var kan men fra så når hvordan "
	"hva hvorfor hvem hvilken eller nå skal ville være mye også etter bare meg deg min din sin mitt der her takk "
	"hei dette denne alle ved over mange ut opp skriv forklar blir et om seg ble ha hvor noe noen mer uten mellom "
	"vil hadde å dag inn feil bruker bruke gjør igjen hjelp hjelpe spørsmål setning først hvis ingen norsk tekst "
	"fil",
	"æøå", "ing nde het ene gen ske ert ter tes lig elt lse ket ste"},
    {"pl",
	"i w we nie na się z ze do to że jest o jak po co ale za od tak a czy dla ten ta te jego przez są już być był "
	"była było tylko może więc gdy kto gdzie kiedy jej mnie mi ci cię mam ma masz proszę napisz wyjaśnij dziękuję "
	"tego tym tej które który która bardzo jeszcze ich lub oraz przy pod bez jaki jaka jakie dlaczego wszystko "
	"cześć czego nas ja ty on ona będzie możesz mogę jestem dzień",
	"łżźśćńąęó", "nie ych ego owy owa iem ach owe ość ami iej ści cie wać ony ana ane nia nej cji cja"},
    {"cs",
	"a v ve se na je to že s z o i do jsem jsi jsou jako za ale pro od po by jak co si tak byl byla bylo být když "
	"už může nebo jen jeho ten ta které který která prosím proč kde kdo kdy děkuji ahoj napiš vysvětli jsme má "
	"není při ze však také ještě více mi mě jejich před mezi jaký jaké jaká dnes k ke podle aby bude můžeš tento "
	"této toto velmi dobrý mám",
	"řěůčšžýďťň", "ení ých ého ost ová ání ech ami emu ové ích ště uje ním nou ček ací kou"},
    {"tr",
	"ve bir bu da de için ile ne çok daha ama gibi var mi mı mu mü o ben sen biz siz onlar olarak olan en kadar "
	"değil sonra nasıl neden nerede her ya ki bana sana lütfen yaz açıkla evet hayır şey şu iyi yok ise göre kim "
	"olduğu olduğunu nedir eder zaman merhaba bütün bunu teşekkür benim senin oldu hangi şimdi bugün misin mısın "
	"musun veya kaç",
	"ğışçöü", "lar ler lık lik ığı iği nda nde dan den mak mek yor nın nin sın sin mış miş rın rin ası esi ılı"},
    {"fi",
	"ja on ei se että hän oli ovat mutta kun niin kuin myös tai jos minä sinä me te he tämä mitä miten miksi "
	"missä mikä joka jotka ole olen olet olla kanssa vain nyt sitten hyvin kiitos hei voi voit voin kirjoita "
	"selitä sen siitä mukaan jälkeen ennen vielä paljon kaikki minun sinun tätä tämän eikä hyvää tänään en oma "
	"ollut milloin kuka voisitko voitko sekä minulle sinulle kerro kertoa koko kello paljonko",
	"äö", "een iin tta ttä ssa ssä sta stä lla llä sti nen aan ään ksi vat vät lle"},
    {"hu",
	"a az és hogy nem is egy van meg ez mint de csak már még vagy ha volt el ki be én te ő mi ti ők mit miért "
	"hogyan hol mikor kérem kérlek írj írd köszönöm nagyon minden azt ezt sem lehet kell után vannak nincs mert "
	"akkor most itt ott szia lesz fel több lett melyik ezek aki amely igen szép magyarázd ezen ennek jó milyen "
	"legyen volna között",
	"őűáéíöü", "ban ben nak nek ság ség val vel tás tés ása ése ott ett kat ket ról ből hoz tól nál lás lés elő"},
    {"ro",
	"și şi de în la cu pe nu o un ce care este e sunt din că să se mai ca pentru sau dar a fost lui ei el ea eu "
	"tu noi voi cum unde când cine au am are ai fi prin după foarte între acest această acesta aceasta prea doar "
	"mult toate tot lor vă îmi te rog scrie explică salut mulțumesc către cel cea cei dacă decât ale al fără pot "
	"poți bună vreau",
	"ășțâîşţ", "are rea lui ele lor ție ată ții iei ște esc ind ază tul ite ate rii"},
    {"vi",
	"và là của có không được cho trong một các người những này với để đã khi ra như tôi bạn về từ đó cũng sẽ rất "
	"nhiều hãy gì nào tại sao thế ở thì anh em viết làm đến việc hay vào năm cái bị ông chúng xin chào giải thích "
	"cảm ơn đang nhà nếu còn trên lại hơn mà nói thể ngày đi hôm nay ai đâu giúp",
	"đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", ""},
    {"id",
	"yang dan di ini itu dengan untuk tidak dari dalam akan pada ke saya kamu anda kami kita mereka ada adalah "
	"juga atau bisa oleh karena seperti sudah telah apa siapa mana kenapa mengapa bagaimana tolong tulis tuliskan "
	"jelaskan lebih saat banyak hanya orang dapat harus tahun para sebagai bahwa tetapi agar secara setelah belum "
	"lagi terima kasih halo buat satu hari aku dia kapan berapa jika ia nya",
	"", "kan nya ran asi lah ian aan kah"}};

const struct lang_clues lang_cyrillic[] = {
    {"ru",
	"и в не на что с я он как это по но из к у за от так же все всё она мне бы если было был для вы ты мы их его "
	"её о то меня или нет да чем где когда кто почему пожалуйста спасибо привет напиши объясни только уже может "
	"будет при есть еще ещё этот эта того чтобы который какой была были нас вас со до какая сколько можно очень "
	"этом мой об про",
	"ыэё", "ого ный ная ние ать ить ция ной ных ами сть ься ова ния ает ное ком ров ции ков ему"},
    {"uk",
	"і й в у не на що з я він як це по але із до за від так же всі вона мені б якщо було був для ви ти ми їх його "
	"її о то мене або ні та чи де коли хто чому будь ласка дякую привіт напиши поясни тільки вже може буде при є "
	"ще цей ця того щоб який яка якого була були нас вас про скільки можна дуже мій",
	"іїєґ", "ння ого ний ати ити ція ами ній ься них сть ому ної ною ції"},
    {"bg",
	"и в не на че с аз той как това по но от към у за са така все тя ми би ако беше бил вие ти ние ги го я или да "
	"се ще къде кога кой коя защо моля благодаря здравей напиши обясни само вече може при има още този тази какво "
	"какъв каква която който до е съм си със във един една едно много след ме мога ли колко днес",
	"ъ", "ото ата ето ите ния ане ява ски ние ост ава ват ени ция ани"}};

const size_t lang_n_latin = sizeof(lang_latin) / sizeof(*lang_latin);
const size_t lang_n_cyrillic = sizeof(lang_cyrillic) / sizeof(*lang_cyrillic);
