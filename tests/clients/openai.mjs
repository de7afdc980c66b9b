// SPDX-License-Identifier: ISC
// OpenAI's JavaScript SDK, with nothing changed but baseURL and apiKey.
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { BASE, KEY, PIXEL, TEXT, check, done, eachWire, model, rejects, same, seen } from './tap.mjs'

const client = new OpenAI({ baseURL: `${BASE}/api/v1`, apiKey: KEY, maxRetries: 0, timeout: 20000 })
const HI = [{ role: 'user', content: 'hi' }]
const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] }
const TOOL = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters } }
const Person = z.object({ name: z.string(), age: z.number() })

await check('mock', async () => {
	const r = await client.chat.completions.create({ model: 'mock/echo', messages: [{ role: 'user', content: 'one two' }] })
	same(r.choices[0].message.content, 'one two')
})
await eachWire('chat', async (wire) => {
	const r = await client.chat.completions.create({ model: model(wire, 'text'), messages: HI })
	same([r.choices[0].message.content, r.choices[0].finish_reason, r.usage.total_tokens], [TEXT, 'stop', 18])
})
await eachWire('stream', async (wire) => {
	let text = ''
	let usage
	for await (const chunk of await client.chat.completions.create({ model: model(wire, 'text'), messages: HI, stream: true })) {
		text += chunk.choices[0]?.delta?.content ?? ''
		usage = chunk.usage ?? usage
	}
	same([text, usage.total_tokens], [TEXT, 18])
})
await eachWire('tools', async (wire) => {
	const r = await client.chat.completions.create({ model: model(wire, 'tools'), messages: HI, tools: [TOOL] })
	const call = r.choices[0].message.tool_calls[0]
	same(JSON.parse(call.function.arguments), { city: 'Paris', days: 2 })
	const messages = [...HI, r.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }]
	const next = await client.chat.completions.create({ model: model(wire, 'tools'), messages, tools: [TOOL] })
	same(next.choices[0].message.content, 'It said: sunny')
})
await eachWire('tools, streamed', async (wire) => {
	const s = client.chat.completions.stream({ model: model(wire, 'tools'), messages: HI, tools: [TOOL] })
	const message = await s.finalMessage()
	same(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Paris', days: 2 })
})
await eachWire('image', async (wire) => {
	const content = [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } }]
	const r = await client.chat.completions.create({ model: model(wire, 'image'), messages: [{ role: 'user', content }] })
	same(r.choices[0].message.content, 'A single pixel.')
})
await eachWire('parsed output', async (wire) => {
	const response_format = zodResponseFormat(Person, 'person')
	const r = await client.chat.completions.parse({ model: model(wire, 'json'), messages: HI, response_format })
	same(r.choices[0].message.parsed, { name: 'Ada', age: 36 })
})
await eachWire('responses', async (wire) => {
	const r = await client.responses.create({ model: model(wire, 'text'), input: 'hi', store: false })
	same([r.output_text, r.status], [TEXT, 'completed'])
})
await eachWire('responses, streamed', async (wire) => {
	const s = client.responses.stream({ model: model(wire, 'text'), input: 'hi', store: false })
	const r = await s.finalResponse()
	same([r.output_text, r.status], [TEXT, 'completed'])
})
await eachWire('429', async (wire) => {
	const e = await rejects(OpenAI.RateLimitError, () => client.chat.completions.create({ model: model(wire, 'error'), messages: HI }))
	assert(e.message.includes('slow down, please'), e.message)
})
await eachWire('a cut stream is an error', async (wire) => {
	await rejects(OpenAI.APIError, async () => {
		for await (const _ of await client.chat.completions.create({ model: model(wire, 'reset'), messages: HI, stream: true }));
	})
})
for (const wire of ['openai', 'gemini', 'ollama', 'cohere'])
	await check(`embeddings, ${wire}`, async () => {
		const r = await client.embeddings.create({ model: model(wire, 'embed'), input: ['a', 'bbb'] })
		same(r.data.map((d) => Array.from(d.embedding)), [[1, 0.5, -1.25], [3, 0.5, -1.25]])
	})
await check('a key that nobody has', async () => {
	const other = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: 'sk-or-nobody', maxRetries: 0 })
	await rejects(OpenAI.AuthenticationError, () => other.chat.completions.create({ model: 'mock/echo', messages: HI }))
})
await check('a bad request', async () => {
	await rejects(OpenAI.BadRequestError, () => client.chat.completions.create({ model: 'mock/echo', messages: 'hi' }))
})
await check('timeout', async () => {
	const ask = { model: model('openai', 'stuck'), messages: HI }
	await rejects(OpenAI.APIConnectionTimeoutError, () => client.chat.completions.create(ask, { timeout: 500 }))
})
await eachWire('retries', async (wire) => {
	const patient = new OpenAI({ baseURL: `${BASE}/api/v1`, apiKey: KEY, maxRetries: 2 })
	const r = await patient.chat.completions.create({ model: model(wire, 'flaky-2-js'), messages: HI })
	same([r.choices[0].message.content, (await seen('flaky-2-js', wire)).length], [TEXT, 3])
})
await check('models', async () => {
	const ids = []
	for await (const m of client.models.list()) ids.push(m.id)
	assert(ids.includes('u-openai:text') && ids.includes('google/gemini-pro'), ids.join())
	same((await client.models.retrieve('google/gemini-pro')).id, 'google/gemini-pro')
})
done()
