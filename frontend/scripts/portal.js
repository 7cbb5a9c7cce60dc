// Everything works without this file; it makes it quicker and easier to hear.
import { Button, ErrorSummary, NotificationBanner, PasswordInput, SkipLink } from 'govuk-frontend'
import htmx from 'htmx.org'

import './left.js'
import './upload.js'

const COMPONENTS = { Button, ErrorSummary, NotificationBanner, PasswordInput, SkipLink }

/** Words that scripts show, in the page's language: `<html data-show="Show" …>`. */
const words = document.documentElement.dataset

/** @param {ParentNode} part - starts what the components need in a page or in a part that was swapped in */
function start(part) {
  for (const Component of Object.values(COMPONENTS)) {
    for (const element of part.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
      if (element.hasAttribute(`data-${Component.moduleName}-init`)) continue
      new Component(/** @type {HTMLElement} */ (element), configuration(Component))
    }
  }
}

function configuration(Component) {
  if (Component !== PasswordInput) return {}
  return {
    i18n: {
      showPassword: words.show,
      hidePassword: words.hide,
      showPasswordAriaLabel: words.showPassword,
      hidePasswordAriaLabel: words.hidePassword,
      passwordShownAnnouncement: words.passwordShown,
      passwordHiddenAnnouncement: words.passwordHidden
    }
  }
}

/** A form is sent once, however often its button is pressed. */
document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target)
  if (form.dataset.sending) event.preventDefault()
  else form.dataset.sending = 'true'
}, { capture: true })

document.addEventListener('htmx:afterRequest', (event) => {
  const form = /** @type {Element} */ (event.target).closest('form')
  if (form) delete form.dataset.sending
})

/** What a page follows by itself isn't swapped in beneath a form whose answer is under way: it is asked for again. */
document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail } = /** @type {CustomEvent} */ (event)
  if (detail.elt.matches('[hx-trigger^="every"], #look') && document.querySelector('form.htmx-request')) detail.shouldSwap = false
})

/** A page that staff leave open all day asks nothing while nobody can see it. */
document.addEventListener('htmx:beforeRequest', (event) => {
  const { elt } = /** @type {CustomEvent} */ (event).detail
  if (document.hidden && elt.matches('[data-rests]')) event.preventDefault()
})

/**
 * A page kept by the browser is asked for again, and what was typed before signing in isn't brought back: whoever it was
 * for may have signed out since.
 */
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
  const [visit] = performance.getEntriesByType('navigation')
  if (visit?.type !== 'back_forward' || document.querySelector('[action="/sign-out"], #helping')) return
  for (const form of document.forms) form.reset()
})

/** Who leaves in a hurry leaves nothing on the screen, and isn't led back here by the back button. */
document.addEventListener('click', (event) => {
  const exit = /** @type {Element} */ (event.target).closest('[data-exit]')
  if (!exit) return
  event.preventDefault()
  document.body.hidden = true
  window.location.replace(/** @type {HTMLAnchorElement} */ (exit).href)
})

document.addEventListener('htmx:load', (event) => {
  start(/** @type {CustomEvent} */ (event).detail.elt.parentNode ?? document)
})

/** A whole page in place of the present one (something went wrong) is read from its beginning. */
document.addEventListener('htmx:afterSettle', (event) => {
  if (/** @type {CustomEvent} */ (event).detail.target !== document.body) return
  const main = document.querySelector('main')
  main.tabIndex = -1
  main.focus()
})

/** How long staff may go on helping: counted down beside their name, and told aloud when little is left. */
const deadlines = new WeakMap()

function countDown() {
  const left = /** @type {HTMLElement | null} */ (document.querySelector('[data-seconds-left]'))
  if (!left) return
  const { secondsLeft } = left.dataset
  if (!deadlines.has(left)) deadlines.set(left, performance.now() + Number(secondsLeft) * 1000)
  const minutes = Math.max(0, Math.ceil((deadlines.get(left) - performance.now()) / 60_000))
  if (left.textContent === String(minutes)) return
  left.textContent = String(minutes)
  const told = left.dataset[`at-${minutes}`]
  if (told) document.getElementById('told').textContent = told
}

countDown()
setInterval(countDown, 1000)

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
start(document)
window.htmx = htmx
