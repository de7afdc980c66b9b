// SPDX-License-Identifier: ISC
// Google's genai SDK, with nothing changed but baseUrl and apiKey.
import assert from 'node:assert/strict'
import { ApiError, GoogleGenAI } from '@google/genai'
import { BASE, KEY, PIXEL, TEXT, check, done, eachWire, model, rejects, same, seen } from './tap.mjs'

const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: BASE, timeout: 20000 } })
const properties = { city: { type: 'STRING' }, days: { type: 'INTEGER' } }
const tools = [{ functionDeclarations: [{ name: 'get_weather', description: 'The weather', parameters: { type: 'OBJECT', properties } }] }]

await check('mock', async () => {
	const r = await client.models.generateContent({ model: 'mock/echo', contents: 'one two' })
	same(r.text, 'one two')
})
await eachWire('generate', async (wire) => {
	const r = await client.models.generateContent({ model: model(wire, 'text'), contents: 'hi' })
	same([r.text, r.candidates[0].finishReason, r.usageMetadata.promptTokenCount], [TEXT, 'STOP', 11])
})
await eachWire('stream', async (wire) => {
	let text = ''
	for await (const c of await client.models.generateContentStream({ model: model(wire, 'text'), contents: 'hi' })) text += c.text ?? ''
	same(text, TEXT)
})
await eachWire('tools', async (wire) => {
	const r = await client.models.generateContent({ model: model(wire, 'tools'), contents: 'hi', config: { tools } })
	same(r.functionCalls[0].args, { city: 'Paris', days: 2 })
})
await eachWire('tools, streamed', async (wire) => {
	const calls = []
	const ask = { model: model(wire, 'tools'), contents: 'hi', config: { tools } }
	for await (const c of await client.models.generateContentStream(ask)) calls.push(...(c.functionCalls ?? []))
	same(calls.map((c) => [c.name, c.args]), [['get_weather', { city: 'Paris', days: 2 }]])
})
await eachWire('image', async (wire) => {
	const contents = [{ inlineData: { mimeType: 'image/png', data: PIXEL } }, { text: 'see' }]
	same((await client.models.generateContent({ model: model(wire, 'image'), contents })).text, 'A single pixel.')
})
await eachWire('schema', async (wire) => {
	const person = { type: 'OBJECT', properties: { name: { type: 'STRING' }, age: { type: 'INTEGER' } } }
	const config = { responseMimeType: 'application/json', responseSchema: person }
	const r = await client.models.generateContent({ model: model(wire, 'json'), contents: 'hi', config })
	same(JSON.parse(r.text), { name: 'Ada', age: 36 })
})
await eachWire('retries', async (wire) => {
	const httpOptions = { baseUrl: BASE, timeout: 20000, retryOptions: { attempts: 3, initialDelay: 0.1 } }
	const patient = new GoogleGenAI({ apiKey: KEY, httpOptions })
	const r = await patient.models.generateContent({ model: model(wire, 'flaky-2-genai-js'), contents: 'hi' })
	same([r.text, (await seen('flaky-2-genai-js', wire)).length], [TEXT, 3])
})
await check('timeout', async () => {
	const hasty = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: BASE, timeout: 500 } })
	await rejects(Error, () => hasty.models.generateContent({ model: model('openai', 'stuck'), contents: 'hi' }))
})
await check('models', async () => {
	const names = []
	for await (const m of await client.models.list({ config: { pageSize: 3 } })) names.push(m.name)
	assert(names.includes('models/u-openai:text') && names.includes('models/google/gemini-pro'), names.join())
	same((await client.models.get({ model: 'google/gemini-pro' })).name, 'models/google/gemini-pro')
})
await eachWire('429', async (wire) => {
	const e = await rejects(ApiError, () => client.models.generateContent({ model: model(wire, 'error'), contents: 'hi' }))
	same(e.status, 429)
})
await check('embed', async () => {
	const r = await client.models.embedContent({ model: model('openai', 'embed'), contents: ['a', 'bbb'] })
	same(r.embeddings.map((e) => e.values), [[1, 0.5, -1.25], [3, 0.5, -1.25]])
})
done()
