# SPDX-License-Identifier: ISC
"""Chat completions and text completions, with the dialects of those who offer them."""
import json
from decimal import Decimal

from . import Answer, code_in, first, kind_of, values

REASONS = {
    "stop": "stop", "length": "length", "tool_calls": "tool_calls", "function_call": "tool_calls", "content_filter": "content_filter",
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls", "eos": "stop", "error": "error",
}


def parts(content):
    """(kind, text) of a content value: a string, or a list of typed parts."""
    if isinstance(content, str):
        yield "text", content
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "thinking":
            inner = part["thinking"]
            yield "reasoning", inner if isinstance(inner, str) else "".join(p.get("text", "") for p in inner)
        elif part.get("type") == "reasoning":
            yield "reasoning", "".join(p.get("text", "") for p in part.get("summary", []))
        elif part.get("type") in ("text", "output_text", None):
            yield "text", part.get("text", "")


def reason(choice, m):
    details = m.get("reasoning_details") or []
    plain = m.get("reasoning") or m.get("reasoning_content") or ""
    choice.plain = choice.plain or bool(plain)
    choice.reasoning += plain if choice.plain else "".join(d.get("text") or d.get("summary") or "" for d in details)
    choice.opaque += [(d[k],) for d in details for k in ("signature", "data") if d.get(k)]


def call(choice, c):
    f = c.get("function") or c
    name, args, known = f.get("name"), f.get("arguments"), None
    for old in choice.calls:
        same_id = bool(c.get("id")) and c["id"] == old["id"]
        same_place = c.get("index") is not None and c["index"] == old["place"] and not (c.get("id") and old["id"])
        if same_id or same_place:
            known = old
    if known is None and not name and not c.get("id") and choice.calls:
        known = choice.calls[-1]
    if known is None:
        known = {"id": c.get("id") or None, "name": name, "args": "", "place": c.get("index")}
        choice.calls.append(known)
    if isinstance(args, str):
        known["args"] += args
    elif args is not None:
        known["args"] += json.dumps(args, default=lambda raw: float(raw.text))


def message(choice, m):
    reason(choice, m)
    for kind, text in parts(m.get("content")):
        setattr(choice, kind, getattr(choice, kind) + text)
    choice.refusal += m.get("refusal") or ""
    for c in m.get("tool_calls") or []:
        call(choice, c)
    legacy = m.get("function_call")
    if isinstance(legacy, dict) and legacy.get("name"):
        call(choice, legacy)
    choice.annotations += m.get("annotations") or []
    choice.images += m.get("images") or []
    audio = m.get("audio")
    if isinstance(audio, dict):
        choice.audio += (audio.get("transcript") or "") + (audio.get("data") or "")


def is_error(v):
    if not isinstance(v, dict) or v.get("choices"):
        return isinstance(v, dict) and isinstance(v.get("error"), dict) and bool(v["error"])
    return bool(v.get("error")) or v.get("object") == "error" or "detail" in v


def error(answer, v):
    v = v.get("error") if isinstance(v, dict) and isinstance(v.get("error"), dict) else v
    said = v.get("message") or v.get("error") or v.get("detail") or ""
    code = code_in(v.get("code"), v.get("status_code"))
    word = f"{v.get('code')} {v.get('type')} {(v.get('metadata') or {}).get('raw')}"
    status = answer.status if answer.status >= 400 else code
    answer.fail(said, code, kind_of(status, said, word) if status else None)


def take(answer, v):
    answer.id, answer.model = answer.id or v.get("id"), answer.model or v.get("model")
    answer.sent = v.get("usage") or (v.get("x_groq") or {}).get("usage") or answer.sent
    answer.citations = v.get("citations") or answer.citations
    for c in v.get("choices") or []:
        choice = answer.choice(c.get("index", 0))
        m = c.get("delta") or c.get("message")
        if m:
            message(choice, m)
        elif not isinstance(c.get("delta"), dict):
            choice.text += c.get("text") or ""
        choice.logprobs += (c.get("logprobs") or {}).get("content") or []
        if c.get("finish_reason") and not choice.finish:
            choice.end(REASONS[c["finish_reason"]], c.get("native_finish_reason") or c["finish_reason"])
        if c.get("finish_reason") == "" and "message" in c:  # Snowflake: whole, but it doesn't say why it ended
            choice.end("tool_calls" if choice.calls else "stop", None)


def cost(u):
    """USD, reported in one of three ways."""
    said = u.get("cost")
    said = said.get("total_cost") if isinstance(said, dict) else said
    if said is None and "cost_in_usd_ticks" in u:
        return Decimal(u["cost_in_usd_ticks"]) / 10**10
    return None if said is None else Decimal(str(said))


def tokens(u):
    pd, cd = u.get("prompt_tokens_details") or {}, u.get("completion_tokens_details") or {}
    reasoning = first(cd.get("reasoning_tokens"), u.get("reasoning_tokens"))
    prompt, completion = u.get("prompt_tokens"), u.get("completion_tokens")
    rest = (u.get("total_tokens") or 0) - (prompt or 0) - (completion or 0)
    if rest > 0 and rest == reasoning:  # xAI
        completion += rest
    elif rest > 0 and rest == pd.get("audio_tokens"):  # Mistral
        prompt += rest
    elif rest > 0 and reasoning is None and not pd and not cd:  # Google's compatible endpoint
        completion, reasoning = completion + rest, rest
    cached = first(pd.get("cached_tokens"), u.get("prompt_cache_hit_tokens"), u.get("cached_tokens"), u.get("num_cached_tokens"),
                   u.get("cache_read_input_tokens"))
    return {"prompt": prompt, "completion": completion, "reasoning": reasoning, "cost": cost(u), "cached": cached,
            "cache_write": first(pd.get("cache_write_tokens"), u.get("cache_creation_input_tokens"))}


def read(status, body):
    answer = Answer(status, exact=True)
    answer.sent, answer.citations = None, []
    try:
        found = values(body)
    except ValueError:
        if status < 400:
            raise
        found = [{"message": ""}]
    for v in found:
        if status >= 400 or is_error(v):
            error(answer, v)
        if isinstance(v, dict) and status < 400:
            take(answer, v)
    for choice in answer.choices.values():
        if not choice.annotations:
            choice.annotations = [{"type": "url_citation", "url_citation": {"url": u}} for u in answer.citations]
    answer.usage = tokens(answer.sent) if answer.sent else {}
    return answer
