// Photos are made smaller before they are sent, and sent one by one: what has arrived stays, whatever becomes of the rest.
const LONGEST = 2400
const QUALITY = 0.85
/** Before what didn't arrive is sent again: the portal takes the same file once. */
const PAUSES_MS = [2000, 6000]
const WAITS_MS = 300_000

/** @param {string} text - with `{name}` for what `given` knows */
const filled = (text, given) => text.replace(/\{(\w+)\}/g, (_, name) => given[name])

const pause = (ms) => new Promise((done) => { setTimeout(done, ms) })

/** Returns a photo as a JPEG that is small enough; as it is, if it is no photo that this browser can read. */
async function scaled(file) {
  if (file.type && !file.type.startsWith('image/')) return file
  try {
    const picture = await createImageBitmap(file)
    const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height))
    if (share === 1) return file
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(picture.width * share)
    canvas.height = Math.round(picture.height * share)
    const context = canvas.getContext('2d')
    context.fillStyle = 'white'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', QUALITY) })
    return blob && blob.size < file.size ? new File([blob], file.name, { type: blob.type }) : file
  } catch {
    return file
  }
}

/** Sends a form with one file and returns the request when it is over; its status is 0 if the connection was lost. */
function send(form, file, progress) {
  const body = new FormData(form)
  body.delete('files')
  body.append('files', file, file.name)
  return new Promise((done) => {
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.timeout = WAITS_MS
    request.setRequestHeader('HX-Request', 'true')
    request.setRequestHeader('HX-Target', 'content')
    request.upload.addEventListener('progress', (event) => progress(event.loaded / event.total))
    request.addEventListener('loadend', () => done(request))
    request.send(body)
  })
}

async function sendUntilItArrives(form, file, progress) {
  let request = await send(form, file, progress)
  for (const ms of PAUSES_MS) {
    if (request.status && request.status < 500) return request
    await pause(ms)
    request = await send(form, file, progress)
  }
  return request
}

/** Returns what is wrong with a file, in words; empty if it was taken. */
function fault(request, file, words) {
  if (request.status === 200) return ''
  if (request.status === 422) {
    const page = new DOMParser().parseFromString(request.responseText, 'text/html')
    return page.querySelector('.govuk-error-summary__list')?.textContent.trim() || filled(words.busy, file)
  }
  return filled(request.status === 413 ? words.large : request.status ? words.busy : words.lost, file)
}

class Upload {
  constructor(form) {
    this.form = form
    this.words = form.dataset
    this.input = form.elements.files
    this.told = form.querySelector('.upload-told')
    this.bar = form.querySelector('.upload-bar')
  }

  tell(text, given = {}) {
    const said = filled(text, given)
    if (this.told.textContent !== said) this.told.textContent = said
  }

  async send() {
    const files = [...this.input.files]
    const left = []
    const faults = []
    this.bar.hidden = false
    for (const [index, file] of files.entries()) {
      const told = await this.sendOne(file, { number: index + 1, all: files.length })
      if (told.message) faults.push(told.message)
      if (told.again) left.push(...files.slice(index))
      if (told.again) break
    }
    this.bar.hidden = true
    this.keep(left)
    await this.refresh()
    this.show(faults)
  }

  /** Returns what is to be said of a file, and whether it is to be sent again. */
  async sendOne(file, place) {
    this.bar.value = 0
    this.tell(this.words.preparing, place)
    const small = await scaled(file)
    if (small.size > Number(this.words.most)) return { message: filled(this.words.large, file) }
    const request = await sendUntilItArrives(this.form, small, (share) => {
      this.bar.value = share * 100
      const percent = Math.floor(share * 4) * 25 // four times a file: whoever listens hears something else, too
      this.tell(share < 1 ? this.words.progress : this.words.checking, { ...place, percent })
    })
    const elsewhere = request.getResponseHeader('HX-Redirect')
    if (request.status === 401 && elsewhere) window.location.assign(elsewhere)
    const again = ![200, 413, 422].includes(request.status)
    return { message: fault(request, file, this.words), again }
  }

  /** Leaves those files chosen that were not sent. */
  keep(files) {
    const chosen = new DataTransfer()
    for (const file of files) chosen.items.add(file)
    this.input.files = chosen.files
  }

  /** Shows what there is now. Without a connection the page stays as it is. */
  async refresh() {
    try {
      const answer = await fetch(window.location.href, { headers: { 'HX-Request': 'true', 'HX-Target': 'added' } })
      if (answer.ok) document.getElementById('added').innerHTML = await answer.text()
    } catch { /* said already */ }
  }

  show(faults) {
    const place = document.getElementById('problem')
    place.replaceChildren()
    document.title = document.title.replace(this.words.prefix, '')
    this.form.querySelectorAll('.govuk-error-message').forEach((one) => one.remove())
    this.tell(faults.length ? '' : this.words.done)
    if (!faults.length) return
    place.innerHTML =
      '<div class="govuk-error-summary" tabindex="-1"><div role="alert"><h2 class="govuk-error-summary__title"></h2>' +
      '<div class="govuk-error-summary__body"><ul class="govuk-list govuk-error-summary__list"></ul></div></div></div>'
    place.querySelector('h2').textContent = this.words.problem
    for (const text of faults) {
      const link = document.createElement('a')
      link.href = '#files'
      link.textContent = text
      const item = document.createElement('li')
      item.append(link)
      place.querySelector('ul').append(item)
    }
    document.title = this.words.prefix + document.title
    place.firstElementChild.focus()
  }
}

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target)
  if (!form.matches('[data-upload]') || event.defaultPrevented || !form.elements.files.files.length) return
  event.preventDefault()
  try {
    await new Upload(form).send()
  } finally {
    delete form.dataset.sending
  }
})
