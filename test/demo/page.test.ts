import { expect, test } from '@jest/globals'
import { page, toHtml } from './page.ts'

test('The report page of the demo starts with a note about its dead links.', () => {
  const html = toHtml('## Model trained\n\n[Model](http://127.0.0.1:1/acme/digits)')
  const text = page({ title: 'Job summary', note: 'Its links end with the demo.', html })
  const [note, headline] = [text.indexOf('Its links end with the demo.'), text.indexOf('Model trained')]
  expect(note).toBeGreaterThan(text.indexOf('</style>'))
  expect(headline).toBeGreaterThan(note)
})
