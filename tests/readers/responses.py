# SPDX-License-Identifier: ISC
"""OpenAI's Responses, and what others offer under that name.

A stream says everything more than once. What counts here is what is said last: the output of the terminal event; where that is
empty (ChatGPT's backend), the items that are done; else the pieces.
"""
from . import Answer, code_in, kind_of, values
from .openai import cost

WORDS = {"rate_limit_exceeded": 429, "server_error": 500, "insufficient_quota": 402}
ENDS = {"max_output_tokens": "length", "content_filter": "content_filter"}


def cites(part):
    """Each annotation: its URL, else None."""
    return [{"url": a.get("url")} for a in part.get("annotations") or []]


def item(answer, it):
    choice, kind = answer.choice(), it.get("type")
    if kind == "message":
        for part in it.get("content") or []:
            choice.refusal += part.get("refusal") or ""
            choice.text += part.get("text") or ""
            choice.annotations += cites(part)
            choice.logprobs += part.get("logprobs") or []
    elif kind == "reasoning":
        raw = "".join(p.get("text") or "" for p in it.get("content") or [])
        choice.reasoning += raw or "".join(p.get("text") or "" for p in it.get("summary") or [])
        choice.opaque += [tuple(it["encrypted"])] if it.get("encrypted") else []
    elif kind == "function_call":
        choice.call(it.get("call_id"), it.get("name"), it.get("arguments") or "{}")
    elif kind == "custom_tool_call":
        choice.call(it.get("call_id"), it.get("name"), it.get("input"))  # any text stands where arguments do
    elif kind == "image_generation_call" and it.get("result"):
        choice.images.append(it["result"])


def encrypted(items, done):
    """Reasoning is encrypted anew each time it is told, in the same place."""
    for it, other in zip(items, done or items):
        it["encrypted"] = list(dict.fromkeys(i["encrypted_content"] for i in (it, other) if i.get("encrypted_content")))
    return items


def as_sent(items, found):
    """A text that doesn't go on from its deltas isn't what was sent: they are (a recording that was cut by hand has that)."""
    for it in items:
        sent = "".join(v["delta"] for v in found if v.get("type") == "response.output_text.delta" and v.get("item_id") == it.get("id"))
        parts = it.get("content") or []
        if sent and len(parts) == 1 and not parts[0]["text"].startswith(sent):
            parts[0]["text"] = sent
    return items


def pieces(found):
    """The items of a stream that broke off, from its pieces."""
    items, deltas = {}, {"output_text": "text", "refusal": "refusal", "reasoning_text": "text", "reasoning_summary_text": "text"}
    for v in found:
        kind, at = v.get("type", ""), v.get("output_index")
        if kind in ("response.output_item.added", "response.output_item.done"):
            items[at] = v["item"]
        name = kind.removeprefix("response.").removesuffix(".delta")
        if kind.endswith(".delta") and name in deltas and at in items:
            items[at]["content"] = (items[at].get("content") or []) + [{deltas[name]: v["delta"]}]
        elif kind == "response.function_call_arguments.delta":
            items[at]["arguments"] += v["delta"]
    return [it for _, it in sorted(items.items())]


def error(answer, v):
    e = v.get("error") if isinstance(v.get("error"), dict) else v
    said = e.get("message") or e.get("detail") or v.get("error") or ""
    code = code_in(e.get("code"), e.get("status_code")) or WORDS.get(e.get("code"))
    status = answer.status if answer.status >= 400 else code
    answer.fail(said, code, kind_of(status, said, f"{e.get('code')} {e.get('type')}") if status else None)


def tokens(u):
    details, out = u.get("input_tokens_details") or {}, u.get("output_tokens_details") or {}
    return {"prompt": u.get("input_tokens"), "completion": u.get("output_tokens"), "cached": details.get("cached_tokens"),
            "cache_write": details.get("cache_write_tokens"), "reasoning": out.get("reasoning_tokens"), "cost": cost(u)}


def end(answer, r):
    status, choice = r.get("status"), answer.choice()
    if status == "completed":
        choice.end("tool_calls" if choice.calls else "stop", "completed")
    elif status == "incomplete":
        why = (r.get("incomplete_details") or {}).get("reason")
        if why:
            choice.end(ENDS[why], why)
        answer.cut = not why
    elif status == "failed":
        error(answer, r.get("error") or {})
        choice.end("error", "failed")
    else:
        answer.cut = True


def read(status, body):
    answer, found = Answer(status), values(body)
    if status >= 400:
        error(answer, found[0])
        return answer
    for v in found:
        if v.get("type") == "error":
            error(answer, v)
    whole = [v for v in found if v.get("object") == "response"]
    last = whole[0] if whole else next((v["response"] for v in reversed(found) if "response" in v), {})
    done = [v["item"] for v in sorted((v for v in found if v.get("type") == "response.output_item.done"), key=lambda v: v["output_index"])]
    for it in as_sent(encrypted(last.get("output") or done or pieces(found), done), found):
        item(answer, it)
    if isinstance(last.get("reasoning"), str):  # mistral.rs; elsewhere it is what was asked for
        answer.choice().reasoning += last["reasoning"]
    begun = next((v["response"] for v in found if "response" in v), last)
    answer.id, answer.model = begun.get("id"), last.get("model")
    answer.usage = tokens(last["usage"]) if last.get("usage") else {}
    end(answer, last)
    return answer
