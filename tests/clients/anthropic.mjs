// SPDX-License-Identifier: ISC
// Anthropic's JavaScript SDK, with nothing changed but baseURL and apiKey.
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import { BASE, KEY, PIXEL, TEXT, check, done, eachWire, model, rejects, same, seen } from './tap.mjs'

const client = new Anthropic({ baseURL: BASE, apiKey: KEY, maxRetries: 0, timeout: 20000 })
const HI = [{ role: 'user', content: 'hi' }]
const input_schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] }
const TOOL = { name: 'get_weather', description: 'The weather', input_schema }
const textOf = (m) => m.content.map((b) => (b.type === 'text' ? b.text : '')).join('')

await check('mock', async () => {
	const m = await client.messages.create({ model: 'mock/echo', max_tokens: 9, messages: [{ role: 'user', content: 'one two' }] })
	same(textOf(m), 'one two')
})
await eachWire('messages', async (wire) => {
	const m = await client.messages.create({ model: model(wire, 'text'), max_tokens: 100, messages: HI })
	same([textOf(m), m.stop_reason, m.usage.input_tokens, m.usage.output_tokens], [TEXT, 'end_turn', 11, 7])
})
await eachWire('stream', async (wire) => {
	let text = ''
	const s = client.messages.stream({ model: model(wire, 'text'), max_tokens: 100, messages: HI }).on('text', (t) => (text += t))
	const m = await s.finalMessage()
	same([text, textOf(m), m.usage.output_tokens], [TEXT, TEXT, 7])
})
await eachWire('tools', async (wire) => {
	const ask = { model: model(wire, 'tools'), max_tokens: 100, tools: [TOOL] }
	const m = await client.messages.create({ ...ask, messages: HI })
	const call = m.content.find((b) => b.type === 'tool_use')
	same(call.input, { city: 'Paris', days: 2 })
	const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }
	const next = await client.messages.create({ ...ask, messages: [...HI, { role: 'assistant', content: m.content }, result] })
	same(textOf(next), 'It said: sunny')
})
await eachWire('thinking', async (wire) => {
	const thinking = { type: 'enabled', budget_tokens: 1024 }
	const s = client.messages.stream({ model: model(wire, 'reasoning'), max_tokens: 2000, messages: HI, thinking })
	const m = await s.finalMessage()
	const thought = m.content.find((b) => b.type === 'thinking')
	same([thought?.thinking, textOf(m)], ['Let me think.', 'It is 42.'])
	same(thought.signature, ['anthropic', 'bedrock'].includes(wire) ? 'c2ln' : '')
})
await eachWire('a tool that failed', async (wire) => {
	const use = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } }
	const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such city', is_error: true }
	const messages = [...HI, { role: 'assistant', content: [use] }, { role: 'user', content: [result] }]
	const m = await client.messages.create({ model: model(wire, 'tools'), max_tokens: 100, tools: [TOOL], messages })
	assert(textOf(m).includes('no such city'), textOf(m))
})
await eachWire('retries', async (wire) => {
	const patient = new Anthropic({ baseURL: BASE, apiKey: KEY, maxRetries: 2 })
	const m = await patient.messages.create({ model: model(wire, 'flaky-2-anthropic-js'), max_tokens: 9, messages: HI })
	same([textOf(m), (await seen('flaky-2-anthropic-js', wire)).length], [TEXT, 3])
})
await check('timeout', async () => {
	const ask = { model: model('anthropic', 'stuck'), max_tokens: 9, messages: HI }
	await rejects(Anthropic.APIConnectionTimeoutError, () => client.messages.create(ask, { timeout: 500 }))
})
await check('models', async () => {
	const ids = []
	for await (const m of client.models.list({ limit: 3 })) ids.push(m.id)
	assert(ids.includes('u-openai:text') && ids.length > 3 && new Set(ids).size === ids.length, ids.join())
	same((await client.models.retrieve('openai/gpt-4')).type, 'model')
})
await eachWire('image', async (wire) => {
	const source = { type: 'base64', media_type: 'image/png', data: PIXEL }
	const content = [{ type: 'image', source }, { type: 'text', text: 'see' }]
	const m = await client.messages.create({ model: model(wire, 'image'), max_tokens: 100, messages: [{ role: 'user', content }] })
	same(textOf(m), 'A single pixel.')
})
await eachWire('429', async (wire) => {
	await rejects(Anthropic.RateLimitError, () =>
		client.messages.create({ model: model(wire, 'error'), max_tokens: 9, messages: HI }))
})
await check('a key that nobody has', async () => {
	const other = new Anthropic({ baseURL: BASE, apiKey: 'sk-or-nobody', maxRetries: 0 })
	await rejects(Anthropic.AuthenticationError, () => other.messages.create({ model: 'mock/echo', max_tokens: 9, messages: HI }))
})
done()
