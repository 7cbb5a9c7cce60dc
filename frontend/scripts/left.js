// How much time is left at a computer: counted down between two looks at the server, and told when it runs out.
import htmx from 'htmx.org'

const WARNED_AT = [1, 5, 10]

/** @param {number} minutes - that are left; returns the seconds until the server is asked again if they still are */
const pace = (minutes) => (minutes > 12 ? 60 : minutes > 2 ? 20 : 10)

/** The element that is counted for; what is known of its end; when to look next. Moments are performance.now()'s. */
let shown = null
let endsAt = 0
let looksAt = 0
/** Of which end which warning has been told; a page that has just been opened shows its own. */
let told = null

function begin(box, now) {
  const { seconds, end } = box.dataset
  shown = box
  endsAt = now + seconds * 1000
  looksAt = now + pace(seconds / 60) * 1000
  if (told?.end !== end) told = { end, level: told ? Infinity : level(Math.ceil(seconds / 60)) }
}

function level(minutes) {
  return WARNED_AT.find((one) => minutes <= one) ?? Infinity
}

function count() {
  const box = document.querySelector('#time-left')
  if (!box) return
  const now = performance.now()
  if (box !== shown) begin(box, now)
  const left = Math.max(0, endsAt - now)
  const minutes = Math.ceil(left / 60_000)
  if (box.dataset.texts) show(box, minutes, left)
  if (document.hidden || now < looksAt) return
  looksAt = now + pace(minutes) * 1000
  const look = document.querySelector('#look')
  if (look) htmx.trigger(look, 'look')
  else if (!minutes) window.location.reload()
}

function show(box, minutes, left) {
  const { texts, whole, save } = box.dataset
  const forms = texts.split('|')
  const text = (forms[minutes] ?? forms.at(-1)).replace('#', minutes)
  const hero = box.querySelector('.hero')
  if (hero.textContent === text) return
  hero.textContent = text
  box.querySelector('rect + rect').setAttribute('width', Math.min(100, left / whole / 10))
  if (!minutes) looksAt = 0
  if (!minutes || level(minutes) >= told.level) return
  told.level = level(minutes)
  looksAt = 0
  document.querySelector('#told').textContent = `${text}. ${save}`
}

/** The server says with each answer how long it is: clocks are set, and machines sleep. */
document.addEventListener('left', (event) => {
  endsAt = performance.now() + /** @type {CustomEvent} */ (event).detail.s * 1000
})

document.addEventListener('visibilitychange', () => {
  looksAt = 0
  count()
})

/** What goes wrong with a look stands in nobody's way; who has been signed out meanwhile is still told the time. */
document.addEventListener('htmx:beforeOnLoad', (event) => {
  const { elt, xhr } = /** @type {CustomEvent} */ (event).detail
  if (elt.id !== 'look' || xhr.status < 400) return
  event.preventDefault()
  if (xhr.status === 401) elt.remove()
})

count()
setInterval(count, 1000)
document.addEventListener('htmx:load', count)
