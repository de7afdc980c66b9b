// SPDX-License-Identifier: ISC
// OpenRouter's own SDK, which checks each answer against its published schema.
import assert from 'node:assert/strict'
import { OpenRouter } from '@openrouter/sdk'
import { BASE, KEY, TEXT, check, done, eachWire, model, rejects, same, seen } from './tap.mjs'

const client = new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey: KEY, retryConfig: { strategy: 'none' } })
const manager = new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey: process.env.CLIENT_MANAGEMENT_KEY })
const ask = (m, more = {}) => ({ chatRequest: { model: m, messages: [{ role: 'user', content: 'hi' }], ...more } })

await eachWire('chat', async (wire) => {
	const r = await client.chat.send(ask(model(wire, 'text')))
	same([r.choices[0].message.content, r.usage.totalTokens], [TEXT, 18])
})
await eachWire('stream', async (wire) => {
	let text = ''
	for await (const c of await client.chat.send(ask(model(wire, 'text'), { stream: true }))) text += c.choices[0]?.delta?.content ?? ''
	same(text, TEXT)
})
await eachWire('tools', async (wire) => {
	const parameters = { type: 'object', properties: { city: { type: 'string' } } }
	const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
	const r = await client.chat.send(ask(model(wire, 'tools'), { tools }))
	const call = r.choices[0].message.toolCalls[0]
	same([call.function.name, JSON.parse(call.function.arguments)], ['get_weather', { city: 'Paris', days: 2 }])
})
await eachWire('reasoning', async (wire) => {
	const r = await client.chat.send(ask(model(wire, 'reasoning')))
	same([r.choices[0].message.reasoning, r.choices[0].message.content], ['Let me think.', 'It is 42.'])
})
await eachWire('responses', async (wire) => {
	const r = await client.responses.send({ responsesRequest: { model: model(wire, 'text'), input: 'hi' } })
	same([r.status, r.output.find((o) => o.type === 'message').content[0].text, r.usage.totalTokens], ['completed', TEXT, 18])
})
await eachWire('responses, streamed', async (wire) => {
	let text = ''
	const s = await client.responses.send({ responsesRequest: { model: model(wire, 'text'), input: 'hi', stream: true } })
	for await (const e of s) if (e.type === 'response.output_text.delta') text += e.delta
	same(text, TEXT)
})
await check('retries', async () => {
	const backoff = { initialInterval: 50, maxInterval: 200, exponent: 1.5, maxElapsedTime: 10000 }
	const patient = new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey: KEY, retryConfig: { strategy: 'backoff', backoff } })
	const r = await patient.chat.send(ask(model('openai', 'flaky-2-openrouter')), { retryCodes: ['5XX'] })
	same([r.choices[0].message.content, (await seen('flaky-2-openrouter')).length], [TEXT, 3])
})
await check('timeout', async () => {
	await rejects(Error, () => client.chat.send(ask(model('openai', 'stuck')), { timeoutMs: 500 }))
})
await check('429', async () => {
	const e = await rejects(Error, () => client.chat.send(ask(model('openai', 'error'))))
	same(e.statusCode, 429)
})
await check('embeddings', async () => {
	const r = await client.embeddings.generate({ requestBody: { model: model('openai', 'embed'), input: ['a', 'bbb'] } })
	same(r.data.map((d) => d.embedding), [[1, 0.5, -1.25], [3, 0.5, -1.25]])
})
await check('models', async () => {
	const r = await client.models.list()
	for await (const page of r) assert((page.result ?? page).data.length > 0)
})
await check('models counted, one of them', async () => {
	assert((await client.models.count()).data.count > 0)
	same((await client.models.get({ author: 'google', slug: 'gemini-pro' })).data.id, 'google/gemini-pro')
})
await check('providers', async () => {
	assert((await client.providers.list()).data.length > 0)
})
await check('the key in use', async () => {
	const r = await client.apiKeys.getCurrentKeyMetadata()
	same([r.data.isManagementKey, typeof r.data.usage], [false, 'number'])
})
await check('credits', async () => {
	const r = await manager.credits.getCredits()
	same(typeof r.data.totalUsage, 'number')
})
await check('a generation', async () => {
	const r = await client.chat.send(ask(model('anthropic', 'text')))
	const g = await client.generations.getGeneration({ id: r.id })
	same([g.data.id, g.data.tokensPrompt, g.data.tokensCompletion], [r.id, 11, 7])
})
await check('keys made, changed, listed, deleted', async () => {
	const made = await manager.apiKeys.create({ requestBody: { name: 'made by the sdk', limit: 1.5 } })
	same([made.data.name, made.data.limit, made.key.startsWith('sk-or-')], ['made by the sdk', 1.5, true])
	const hash = made.data.hash
	const changed = await manager.apiKeys.update({ hash, requestBody: { disabled: true } })
	same(changed.data.disabled, true)
	same((await manager.apiKeys.get({ hash })).data.name, 'made by the sdk')
	const list = await manager.apiKeys.list({ includeDisabled: true })
	assert((list.result ?? list).data.some((k) => k.hash === hash))
	same((await manager.apiKeys.delete({ hash })).deleted, true)
})
done()
