#!/bin/sh
# SPDX-License-Identifier: ISC
# -j and -J: an answer that fits a schema, or status 5 and an empty stdout.
. "$(dirname "$0")/lib.sh"

# What is sent
upstream '-- forever' 'answer {\"name\":\"Ann\",\"age\":7}'
t '-j' -o '{"name":"Ann","age":7}' -- or-chat -m x/y -j 'name, age int' who
is 'response_format' "$(sent_body 1 | json - response_format type)" '"json_schema"'
is 'the schema of the concise form' "$(sent_body 1 | json - response_format json_schema schema properties)" \
    '{"age":{"type":"integer"},"name":{"type":"string"}}'
is 'its fields are required' "$(sent_body 1 | json - response_format json_schema schema required)" '["name","age"]'
is 'it is an object' "$(sent_body 1 | json - response_format json_schema schema type)" '"object"'
like 'it has a name, as the format wants it' "$(sent_body 1 | json - response_format json_schema name)" '"?*"'
t '-j with descriptions, one field a line' -o '{"name":"Ann","age":7}' -- or-chat -m x/y -j 'name: how they are called, all of it
age int: in years' who
is 'are in it' "$(sent_body 2 | json - response_format json_schema schema properties)" \
    '{"age":{"description":"in years","type":"integer"},"name":{"description":"how they are called, all of it","type":"string"}}'
cat >schema.json <<'EOT'
{"type": "object", "properties": {"name": {"type": "string", "minLength": 2}, "age": {"type": "integer", "minimum": 0}},
 "required": ["name"], "additionalProperties": false}
EOT
t '-J' -o '{"name":"Ann","age":7}' -- or-chat -m x/y -J schema.json who
is 'the schema is sent' "$(sent_body 3 | json - response_format json_schema schema)" "$(json schema.json)"
t '-J -' -I schema.json -o '{"name":"Ann","age":7}' -- or-chat -m x/y --schema-file - who
is 'the prompt is the operand' "$(sent_body 4 | json - messages 0 content)" '"who"'
t '--schema with JSON' -o '{"name":"Ann","age":7}' -- or-chat -m x/y --schema "$(cat schema.json)" who

# Schemas that are none
for s in '{"type":"strong"}' '{"type":' '[1]' '{"properties":[]}' '{"$ref":"#/nowhere"}' '{"required":"name"}' '{"enum":3}' '{"minimum":"x"}' \
    '{"$ref":"#"}' '{"pattern":7}' '{"type":"string","type":"integer"}'; do
	printf '%s' "$s" >bad.json
	t "no schema: $s" -s 65 -e 'or-chat: *' -- or-chat -m mock/echo -J bad.json who
done
for d in '1name' 'name bogus' '-name'; do
	t "no concise schema: $d" -s 65 -e 'or-chat: *' -- or-chat -m mock/echo -j "$d" who
done
: >empty.json
t 'an empty schema file' -s 65 -e 'or-chat: *' -- or-chat -m mock/echo -J empty.json who

# fits SCHEMA ANSWER, misfits SCHEMA ANSWER: by the mock, without asking again
fits() { t "$1 takes $2" -o "$2" -- or-chat -m mock/echo --schema-retries 0 -j "$1" -- "$2"; }
misfits() { t "$1 does not take $2" -s 5 -e 'or-chat: *' -- or-chat -m mock/echo --schema-retries 0 -j "$1" -- "$2"; }
both()
{
	fits "$1" "$2"
	misfits "$1" "$3"
}
both 'name, age int' '{"name":"A","age":1}' '{"name":"A","age":"1"}'
both 'ok bool, x float' '{"ok":true,"x":1.5}' '{"ok":1,"x":1.5}'
misfits 'name, age int' '{"name":"A"}'
misfits 'name' 'no json'
misfits 'name' '{"name":"A"'
misfits 'name' '{"name":"A"} and more'
misfits 'name' '["A"]'
both '{"type":"integer"}' 3 3.5
fits '{"type":"integer"}' 3.0
both '{"type":"number"}' 1e5 '"1"'
both '{"type":["string","null"]}' null 0
both '{"enum":["a",1,null]}' 1 2
both '{"const":{"a":[1]}}' '{"a":[1]}' '{"a":[1,2]}'
both '{"properties":{"a":{"type":"string"}},"additionalProperties":false}' '{"a":"x"}' '{"a":"x","b":1}'
both '{"additionalProperties":{"type":"integer"}}' '{"b":1}' '{"b":"1"}'
both '{"required":["a"]}' '{"a":null}' '{}'
both '{"items":{"type":"integer"},"minItems":1,"maxItems":2}' '[1,2]' '[1,2,3]'
misfits '{"items":{"type":"integer"},"minItems":1}' '[]'
misfits '{"items":{"type":"integer"}}' '[1,"2"]'
both '{"anyOf":[{"type":"integer"},{"type":"null"}]}' null '"x"'
both '{"oneOf":[{"minimum":0},{"maximum":10}]}' 20 5
both '{"allOf":[{"minimum":0},{"maximum":10}]}' 5 20
both '{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}' 1 '"1"'
both '{"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false}' '{"next":{"next":{}}}' '{"next":{"x":1}}'
both '{"minimum":1.5,"maximum":2.5}' 1.5 2.6
both '{"exclusiveMinimum":1}' 1.0001 1
both '{"exclusiveMaximum":1}' 0.9 1
both '{"multipleOf":0.1}' 0.3 0.35
both '{"minimum":-1e2}' -100 -100.5
both '{"minLength":2,"maxLength":3}' '"äöü"' '"ä"'
both '{"pattern":"^[a-z]+[0-9]{2}$"}' '"ab12"' '"ab1"'
both '{"pattern":"b"}' '"abc"' '"acd"'
both '{"properties":{"a/b":{"properties":{"c":{"type":"integer"}}}}}' '{"a/b":{"c":1}}' '{"a/b":{"c":"1"}}'
like 'the line says where and why' "$(cat err)" 'or-chat: */a~1b/c*'
fits '{"type":"string","minLength":1}' '"x"'
fits '{"unknownKeyword":5}' '{"a":1}'

# Asked again, with the error
upstream 'answer {\"age\":\"seven\"}' '-- two' 'answer {\"age\":7}'
t 'an answer that does not fit is asked for again' -o '{"age":7}' -- or-chat -M meta -m x/y -j 'age int' how old
is 'twice in all' "$(n_sent)" 2
is 'the second request ends with a message of the user' "$(sent_body 2 | json - messages 2 role)" '"user"'
is 'after the answer that did not fit' "$(sent_body 2 | json - messages 1)" '{"content":"{\"age\":\"seven\"}","role":"assistant"}'
like 'it names the error' "$(sent_body 2 | json - messages 2 content)" '*age*'
is 'the first question stands' "$(sent_body 2 | json - messages 0 content)" '"how old"'
is 'both are listed in attempts' "$(json meta attempts 1 status)" 200
is 'no third' "$(json meta attempts 2)" ''
upstream '-- forever' 'answer no json'
t 'two more by default' -s 5 -e 'or-chat: *' -- or-chat -m x/y -j 'age int' how old
is 'three in all' "$(n_sent)" 3
t '--schema-retries 0' -s 5 -e 'or-chat: *' -- or-chat --schema-retries 0 -m x/y -j 'age int' how old
is 'one more' "$(n_sent)" 4
t '-v shows the last answer' -s 5 -E -- or-chat -v --schema-retries 0 -m x/y -j 'age int' how old
ok 'on stderr' grep -q 'no json' err
printf old >file
t '-o is as it was' -s 5 -e 'or-chat: *' -- or-chat --schema-retries 0 -o file -m x/y -j 'age int' how old
is 'old' "$(cat file)" old

# Other ends
upstream 'status 200' stream 'text {\"age\":' 'finish length' done '-- two' 'status 200' stream 'text {\"age\":7}' 'finish content_filter' done \
    '-- three' 'status 401' 'body {}' '-- four' 'status 200' stream 'text {\"age\":' close '-- five' 'answer {\"age\":8}'
t 'length is 3, and not asked again' -s 3 -e 'or-chat: *length*' -- or-chat -m x/y -j 'age int' how old
is 'once' "$(n_sent)" 1
t 'a filter is 4' -s 4 -e 'or-chat: *' -- or-chat -m x/y -j 'age int' how old
t 'a rejected key is 77' -s 77 -e 'or-chat: *401*' -- or-chat -m x/y -j 'age int' how old
t 'a cut is tried again: nothing had gone out' -o '{"age":8}' -- or-chat -m x/y -j 'age int' how old

# Formats
upstream '-- forever' 'answer {\"age\":7}'
t '-j with -F raw' -p '{"age":7}' -- or-chat -F raw -m x/y -j 'age int' how old
or-chat -F json -m x/y -j 'age int' how old >json
is '-j with -F json' "$(json json choices 0 message content)" '"{\"age\":7}"'
upstream '-- forever' 'answer no'
t '-j with -F json, and it does not fit' -s 5 -e 'or-chat: *' -- or-chat --schema-retries 0 -F json -m x/y -j 'age int' how old
finish
