"""What the audit has of a person, in words that they know: acts of the account, and those that no other slice tells of.

Acts of staff who look for a resident or review a help are among them: only here is what residents read translated.
"""

from portal.i18n import lazy_gettext as _l

SEEN = {
    "assist.found": _l("That you have an account: somebody looked for you"),
    "assist.request.view": _l("That somebody asked to see your protected record"),
    "help.review": _l("How you were helped"),
    "page.view:home.index": _l("Your first page"),
    "page.view:own_account.contact_list": _l("The ways to reach you"),
    "page.view:own_account.language": _l("Your language"),
    "page.view:own_account.linked": _l("The services that you have connected"),
    "page.view:own_account.overview": _l("Your name, and the ways to reach you"),
    "person.show": _l("Your name, and the ways to reach you"),
}
DONE = {
    "access.refused": _l("A page that was closed"),
    "account.contact.add": _l("An e-mail address to be added, unless you say no"),
    "account.contact.add.made": _l("An e-mail address, added"),
    "account.contact.confirm": _l("An e-mail address, confirmed"),
    "account.contact.refuse": _l("A change of how we reach you, refused"),
    "account.contact.remove": _l("A way to reach you to be removed, unless you say no"),
    "account.contact.remove.made": _l("A way to reach you, removed"),
    "account.language": _l("Your language"),
    "account.password.change": _l("Your password"),
    "account.register": _l("Making your account"),
    "account.register.ask": _l("Making your account"),
    "account.reset": _l("A new password"),
    "account.reset.ask": _l("A new password"),
    "account.session.end": _l("Signing out on another device"),
    "account.session.end-others": _l("Signing out on all other devices"),
    "assist.request": _l("Asking a colleague whether they may see your protected record"),
    "assist.request.answer": _l("Saying whether a colleague may see your protected record"),
    "help.check": _l("How you were helped, looked into as one of ten that were drawn at random"),
    "help.settle": _l("An answer to what you did not agree to"),
    "link.begin": _l("Connecting a service"),
    "link.end": _l("A service that isn’t connected any more"),
    "person.add": _l("Making your account"),
    "person.close": _l("Closing your account"),
    "person.end-sessions": _l("Signing you out everywhere"),
    "person.register": _l("Making your account"),
    "person.restrict": _l("Settings of your account"),
    "person.unrestrict": _l("Settings of your account"),
    "person.welcome": _l("Sending you the way to sign in again"),
    "sign-in.again": _l("Signing in"),
    "sign-in.password": _l("Signing in"),
    "sign-out": _l("Signing out"),
}
