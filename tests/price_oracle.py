#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Costs of calls, worked out in fractions from a catalog: the second opinion on lib/price.c.

usage: price_oracle.py openrouter-models.json > cases; build/tests/unit/price cases

A line a case: pricing object, tokens (prompt, completion, cached, cache write, reasoning, audio in, audio out, image out), web
searches, UTC time as HHMM, and the cost in 10^-12 USD, rounded half to even (-1: unknown).
"""

import json
import random
import sys
from fractions import Fraction


def applying(pricing, prompt, hhmm):
    """The prices of this call: base keys, then the overrides whose conditions all hold."""
    prices = {k: v for k, v in pricing.items() if k not in ("overrides", "discount")}
    follows = prices.get("internal_reasoning") == prices.get("completion")
    for rule in pricing.get("overrides", []):
        start, end = rule.get("utc_start"), rule.get("utc_end")
        minutes = set(range(0, 2400))
        if start is not None:
            inside = range(start, end) if start <= end else [*range(start, 2400), *range(0, end)]
            minutes = set(inside)
        if hhmm in minutes and prompt > rule.get("min_prompt_tokens", -1):
            prices.update({k: v for k, v in rule.items() if isinstance(v, str)})
    if follows:
        prices.pop("internal_reasoning", None)
    return {k: Fraction(v) for k, v in prices.items()}


def cost(pricing, use, searches, hhmm):
    p = applying(pricing, use["prompt"], hhmm)
    into, out = p["prompt"], p["completion"]
    parts = [
        (use["cached"], p.get("input_cache_read", into)),
        (use["write"], p.get("input_cache_write", into)),
        (use["audio_in"], p.get("audio", into)),
        (use["prompt"] - use["cached"] - use["write"] - use["audio_in"], into),
        (use["reasoning"], p.get("internal_reasoning", out)),
        (use["audio_out"], p.get("audio_output", out)),
        (use["image_out"], p.get("image_output", out)),
        (use["completion"] - use["reasoning"] - use["audio_out"] - use["image_out"], out),
        (1, p.get("request", Fraction(0))),
        (searches, p.get("web_search", Fraction(0))),
    ]
    if any(n and price < 0 for n, price in parts):
        return -1
    return round(sum(n * price for n, price in parts) * 10**12)  # Python rounds a Fraction half to even


def split(rng, total, n):
    """n parts that together are at most total."""
    cuts = sorted(rng.randint(0, total) for _ in range(n))
    return [b - a for a, b in zip([0, *cuts], cuts)]


def usage(rng, prompt):
    cached, write, audio_in = split(rng, prompt, 3)
    completion = rng.choice([0, 1, 77, 4096, 100003])
    reasoning, audio_out, image_out = split(rng, completion, 3)
    return {"prompt": prompt, "completion": completion, "cached": cached, "write": write, "reasoning": reasoning,
            "audio_in": audio_in, "audio_out": audio_out, "image_out": image_out}


def cases(rng, pricing):
    prompts, times = {0, 1, 12345, 10**6, 10**7 + 1}, {0, 1200, 2359}
    for rule in pricing.get("overrides", []):
        at = rule.get("min_prompt_tokens", 1)
        prompts |= {at - 1, at, at + 1}
        for edge in (rule.get("utc_start", 100), rule.get("utc_end", 100)):
            times |= {edge % 2400, (edge - 41) % 2400}  # 41: the minute before a full hour
    for prompt in sorted(prompts):
        for hhmm in sorted(times):
            yield usage(rng, prompt), rng.choice([0, 0, 1, 5]), hhmm


def main():
    rng = random.Random(20260822)
    with open(sys.argv[1], encoding="utf-8") as f:
        rows = json.load(f)["data"]
    for row in rows:
        pricing = row["pricing"]
        text = json.dumps(pricing, separators=(",", ":"))
        for use, searches, hhmm in cases(rng, pricing):
            keys = ("prompt", "completion", "cached", "write", "reasoning", "audio_in", "audio_out", "image_out")
            print(text, *(use[k] for k in keys), searches, hhmm, cost(pricing, use, searches, hhmm), sep="\t")


if __name__ == "__main__":
    main()
