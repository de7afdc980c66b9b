// SPDX-License-Identifier: ISC
// tap: checks of a client as TAP lines; the same as tap.py.
import assert from 'node:assert/strict'

export const BASE = process.env.CLIENT_BASE
export const KEY = process.env.CLIENT_KEY
export const WIRES = ['openai', 'responses', 'anthropic', 'gemini', 'ollama', 'cohere', 'bedrock']
export const TEXT = 'Hello, w\u00f6rld! \u2728 One, two.'
export const PIXEL =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
export const same = assert.deepEqual
export const model = (wire, kind) => `u-${wire}:${kind}`
// What the providers were asked so far, for models of that name.
export async function seen(kind, wire) {
	const asked = await (await fetch(`${process.env.CLIENT_UP}/seen`)).json()
	const ours = (a) => a.body.model === kind || a.path.includes(`/${kind}:`) || a.path.includes(`/${kind}/`)
	return asked.filter((a) => (!wire || a.wire === wire) && ours(a))
}

let count = 0
let failed = 0

export async function check(name, fn, ...args) {
	count++
	try {
		await fn(...args)
		console.log(`ok ${count} - ${name}`)
	} catch (e) {
		failed++
		console.log(`not ok ${count} - ${name}`)
		for (const line of String(e.stack ?? e).split('\n').slice(0, 12)) console.log(`# ${line}`)
	}
}

export async function eachWire(name, fn) {
	for (const wire of WIRES) await check(`${name}, ${wire}`, fn, wire)
}

// What fn rejects with; a class of errors that it must be.
export async function rejects(kind, fn) {
	try {
		await fn()
	} catch (e) {
		assert(e instanceof kind, `${e?.constructor?.name}: ${e}`)
		return e
	}
	throw new Error(`no ${kind.name}`)
}

export function done() {
	console.log(`1..${count}`)
	process.exit(failed ? 1 : 0)
}
