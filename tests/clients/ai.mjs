// SPDX-License-Identifier: ISC
// The Vercel AI SDK with the OpenRouter provider.
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { Output, embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { BASE, KEY, PIXEL, TEXT, check, done, eachWire, model, rejects, same, seen } from './tap.mjs'

const openrouter = createOpenRouter({ baseURL: `${BASE}/api/v1`, apiKey: KEY })
const properties = { city: { type: 'string' }, days: { type: 'integer' } }
const Person = z.object({ name: z.string(), age: z.number() })
const get_weather = tool({
	description: 'The weather',
	inputSchema: jsonSchema({ type: 'object', properties, required: ['city'] }),
	execute: async () => 'sunny',
})

await check('mock', async () => {
	same((await generateText({ model: openrouter('mock/echo'), prompt: 'one two', maxRetries: 0 })).text, 'one two')
})
await eachWire('generateText', async (wire) => {
	const r = await generateText({ model: openrouter(model(wire, 'text')), prompt: 'hi', maxRetries: 0 })
	same([r.text, r.finishReason, r.usage.outputTokens], [TEXT, 'stop', 7])
})
await eachWire('streamText', async (wire) => {
	const r = streamText({ model: openrouter(model(wire, 'text')), prompt: 'hi', maxRetries: 0 })
	let text = ''
	for await (const t of r.textStream) text += t
	same([text, await r.finishReason], [TEXT, 'stop'])
})
await eachWire('a tool and its result', async (wire) => {
	const r = await generateText({
		model: openrouter(model(wire, 'tools')), prompt: 'hi', maxRetries: 0, tools: { get_weather }, stopWhen: stepCountIs(2),
	})
	same(r.text, 'It said: sunny')
})
await eachWire('a tool and its result, streamed', async (wire) => {
	const r = streamText({
		model: openrouter(model(wire, 'tools')), prompt: 'hi', maxRetries: 0, tools: { get_weather }, stopWhen: stepCountIs(2),
	})
	const calls = []
	let text = ''
	for await (const part of r.fullStream) {
		if (part.type === 'error') throw part.error
		if (part.type === 'tool-call') calls.push([part.toolName, part.input])
		if (part.type === 'text-delta') text += part.text
	}
	same([calls, text, (await r.steps).length], [[['get_weather', { city: 'Paris', days: 2 }]], 'It said: sunny', 2])
})
await eachWire('generateObject', async (wire) => {
	const r = await generateObject({ model: openrouter(model(wire, 'json')), prompt: 'hi', maxRetries: 0, schema: Person })
	same(r.object, { name: 'Ada', age: 36 })
})
await eachWire('an object as output', async (wire) => {
	const output = Output.object({ schema: Person })
	const r = await generateText({ model: openrouter(model(wire, 'json')), prompt: 'hi', maxRetries: 0, output })
	same(r.output, { name: 'Ada', age: 36 })
})
await eachWire('an object as output, streamed', async (wire) => {
	const output = Output.object({ schema: Person })
	const r = streamText({ model: openrouter(model(wire, 'json')), prompt: 'hi', maxRetries: 0, output })
	let last
	for await (const part of r.partialOutputStream) last = part
	same(last, { name: 'Ada', age: 36 })
})
await eachWire('image', async (wire) => {
	const content = [{ type: 'text', text: 'see' }, { type: 'image', image: PIXEL, mediaType: 'image/png' }]
	const messages = [{ role: 'user', content }]
	same((await generateText({ model: openrouter(model(wire, 'image')), messages, maxRetries: 0 })).text, 'A single pixel.')
})
await eachWire('reasoning, streamed', async (wire) => {
	const r = streamText({ model: openrouter(model(wire, 'reasoning')), prompt: 'hi', maxRetries: 0 })
	same([await r.reasoningText, await r.text], ['Let me think.', 'It is 42.'])
})
await eachWire('retries', async (wire) => {
	const r = await generateText({ model: openrouter(model(wire, 'flaky-1-ai')), prompt: 'hi', maxRetries: 2 })
	same([r.text, (await seen('flaky-1-ai', wire)).length], [TEXT, 2])
})
await eachWire('a cut stream is an error', async (wire) => {
	const errors = []
	const r = streamText({ model: openrouter(model(wire, 'reset')), prompt: 'hi', maxRetries: 0, onError: (e) => errors.push(e.error) })
	for await (const part of r.fullStream) if (part.type === 'finish') same(part.finishReason, 'error')
	same(errors.length, 1)
})
await check('embed', async () => {
	const r = await embedMany({ model: openrouter.textEmbeddingModel(model('openai', 'embed')), values: ['a', 'bbb'] })
	same(r.embeddings, [[1, 0.5, -1.25], [3, 0.5, -1.25]])
})
await check('timeout', async () => {
	const ask = { model: openrouter(model('openai', 'stuck')), prompt: 'hi', maxRetries: 0 }
	await rejects(Error, () => generateText({ ...ask, abortSignal: AbortSignal.timeout(500) }))
})
await eachWire('reasoning', async (wire) => {
	const r = await generateText({ model: openrouter(model(wire, 'reasoning')), prompt: 'hi', maxRetries: 0 })
	same([r.reasoningText, r.text], ['Let me think.', 'It is 42.'])
})
await eachWire('429', async (wire) => {
	await rejects(Error, () => generateText({ model: openrouter(model(wire, 'error')), prompt: 'hi', maxRetries: 0 }))
})
done()
