#!/bin/sh
# SPDX-License-Identifier: ISC
# -a: images, audio, video, files and URLs as content parts. The whole request is seen with -n.
. "$(dirname "$0")/lib.sh"
OR_MODEL=x/y
export OR_MODEL

printf '\211PNG\r\n\032\n\0\0\0\rIHDR' >dot.png
printf '\377\330\377\340\0\020JFIF\0' >photo
printf 'GIF89a\001\0\001\0' >a.gif
printf 'RIFF\044\0\0\0WEBPVP8 ' >a.webp
printf '%%PDF-1.4\n' >doc
printf 'RIFF\044\0\0\0WAVEfmt ' >a.wav
printf 'ID3\003\0\0\0' >song
printf 'fLaC\0\0\0' >a.flac
printf 'OggS\0\002' >a.ogg
printf '\0\0\0\040ftypisom\0\0\002\0' >clip
printf 'plain words\n' >notes.txt
printf 'odd' >c:d.png
printf 'x' >'image:odd'
b64() { base64 -w 0 <"$1"; }

# part NAME ARGUMENT WANT: the content part that is made of it.
part()
{
	t "$1" -E -- sh -c 'or-chat -n -a "$1" look >request' sh "$2"
	is 'the part' "$(json request messages 0 content 1)" "$(printf '%s' "$3" | json -)"
}
part 'an image by its magic bytes' photo "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,$(b64 photo)\"}}"
is 'the text comes first' "$(json request messages 0 content 0)" '{"text":"look","type":"text"}'
is 'there are two parts' "$(json request messages 0 content 2)" ''
part 'PNG' dot.png "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,$(b64 dot.png)\"}}"
part 'GIF' a.gif "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/gif;base64,$(b64 a.gif)\"}}"
part 'WebP' a.webp "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/webp;base64,$(b64 a.webp)\"}}"
part 'PDF' doc "{\"type\":\"file\",\"file\":{\"filename\":\"doc\",\"file_data\":\"data:application/pdf;base64,$(b64 doc)\"}}"
part 'WAV' a.wav "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"$(b64 a.wav)\",\"format\":\"wav\"}}"
part 'MP3' song "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"$(b64 song)\",\"format\":\"mp3\"}}"
part 'FLAC' a.flac "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"$(b64 a.flac)\",\"format\":\"flac\"}}"
part 'Ogg' a.ogg "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"$(b64 a.ogg)\",\"format\":\"ogg\"}}"
part 'MP4' clip "{\"type\":\"video_url\",\"video_url\":{\"url\":\"data:video/mp4;base64,$(b64 clip)\"}}"
part 'a URL is passed on' https://example.com/a.png '{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}'
part 'a URL with a type' image:https://example.com/a '{"type":"image_url","image_url":{"url":"https://example.com/a"}}'
part 'a data: URL' data:image/png,x '{"type":"image_url","image_url":{"url":"data:image/png,x"}}'
part 'the type given goes before the magic bytes' image/png:photo \
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,$(b64 photo)\"}}"
part 'file: an image as a file' file:dot.png \
    "{\"type\":\"file\",\"file\":{\"filename\":\"dot.png\",\"file_data\":\"data:image/png;base64,$(b64 dot.png)\"}}"
part 'a MIME type' application/pdf:notes.txt \
    "{\"type\":\"file\",\"file\":{\"filename\":\"notes.txt\",\"file_data\":\"data:application/pdf;base64,$(b64 notes.txt)\"}}"
part 'any other colon belongs to the name' c:d.png "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,$(b64 c:d.png)\"}}"
t 'a directory in the name' -E -- sh -c 'mkdir sub && cp doc sub/x.pdf && or-chat -n -a sub/x.pdf look >request'
is 'is not part of the file name sent' "$(json request messages 0 content 1 file filename)" '"x.pdf"'

t 'several, in their order' -E -- sh -c 'or-chat -n -a dot.png --attach=doc -a https://example.com/b.jpg look >request'
is 'first' "$(json request messages 0 content 1 type)" '"image_url"'
is 'second' "$(json request messages 0 content 2 type)" '"file"'
is 'third' "$(json request messages 0 content 3 image_url url)" '"https://example.com/b.jpg"'
t 'without text' -E -- sh -c 'or-chat -n -N -a dot.png >request'
is 'only the image' "$(json request messages 0 content | grep -o '"type"' | wc -l)" 1
t '-a -: stdin' -I dot.png -E -- sh -c 'or-chat -n -a - look >request'
is 'its bytes' "$(json request messages 0 content 1 image_url url)" "\"data:image/png;base64,$(b64 dot.png)\""
t 'image:- is stdin too' -I photo -E -- sh -c 'or-chat -n -a image:- look >request'
is 'its bytes' "$(json request messages 0 content 1 image_url url)" "\"data:image/jpeg;base64,$(b64 photo)\""

for n in 0 1 2 3 4 5; do
	{ printf '\211PNG\r\n\032\n'; head -c "$n" /dev/urandom; } >pad.png
	or-chat -n -a pad.png look >request </dev/null
	is "base64 of $((8 + n)) bytes" "$(json request messages 0 content 1 image_url url)" "\"data:image/png;base64,$(b64 pad.png)\""
done

t 'a file that is missing' -s 66 -e 'or-chat: *nosuch*' -- or-chat -a nosuch look
t 'a type and no name' -s 64 -e 'or-chat: *' -- or-chat -a image: look
t 'bytes of no type' -s 65 -e 'or-chat: *' -- sh -c 'printf "\001\002\003" >junk; exec or-chat -a junk look'
t 'an empty file' -s 65 -e 'or-chat: *' -- sh -c ': >nothing.png; exec or-chat -a nothing.png look'
t '--max-input holds for it' -s 65 -e 'or-chat: *' -- or-chat --max-input 5 -a dot.png x

upstream '-- forever' 'answer seen'
t 'an image is sent' -o seen -- or-chat -a dot.png look
or-chat -n -a dot.png look >request </dev/null
is 'as -n showed it' "$(sent_body 1 | md5sum)" "$(printf '%s' "$(cat request)" | md5sum)"
ok 'no URL was ever fetched' sh -c '[ "$(grep -c " accepted " .upstream/log)" -eq 1 ]'
finish
