# SPDX-License-Identifier: ISC
"""Two programs as people write them for OpenRouter: only base_url and api_key are others. Each model is another provider's, who has a key of his own."""
import openai

from tap import BASE, KEY, TEXT, check, done, same, seen

client = openai.OpenAI(base_url=BASE + "/api/v1", api_key=KEY)


def one_model():
    response = client.chat.completions.create(model="google/gemini-pro", messages=[{"role": "user", "content": "Hello"}])
    return response.choices[0].message.content


def generate_content(task_type, prompt):
    if task_type == "blog_post":
        model = "openai/gpt-4"
    elif task_type == "social_media":
        model = "mistralai/mistral-7b-instruct"
    elif task_type == "newsletter":
        model = "anthropic/claude-3-opus"
    else:
        model = "openai/gpt-4"
    response = client.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])
    return response.choices[0].message.content


def sent(run, wire, path, header, value):
    """One request more came to that provider, in its format, with its key, and none to another."""
    before = seen("text")
    same(run(), TEXT)
    asked = seen("text")[len(before):]
    same([(a["wire"], a["path"], a["headers"].get(header)) for a in asked], [(wire, path, value)])
    return asked[0]["body"]


def google():
    body = sent(one_model, "gemini", "/gemini/v1beta/models/text:generateContent", "x-goog-api-key", "sk-of-google")
    same(body["contents"], [{"role": "user", "parts": [{"text": "Hello"}]}])


def openai_format(task_type, maker):
    body = sent(lambda: generate_content(task_type, "Write it"), "openai", "/openai/v1/chat/completions", "Authorization", f"Bearer sk-of-{maker}")
    same((body["model"], body["messages"]), ("text", [{"role": "user", "content": "Write it"}]))


def newsletter():
    body = sent(lambda: generate_content("newsletter", "Write it"), "anthropic", "/anthropic/v1/messages", "x-api-key", "sk-of-anthropic")
    assert body["max_tokens"] > 0, body
    same([m["role"] for m in body["messages"]], ["user"])


check("google/gemini-pro", google)
check("a blog post: openai/gpt-4", openai_format, "blog_post", "openai")
check("social media: mistralai/mistral-7b-instruct", openai_format, "social_media", "mistral")
check("a newsletter: anthropic/claude-3-opus", newsletter)
check("anything else: openai/gpt-4", openai_format, "poem", "openai")
done()
