// What is said of estimates, invoices, payments and money given back.

export const money = {
  'money.no-invoice': 'There is no such invoice of this request.',
  'money.estimate-long': 'The estimate has too many lines.',
  'money.no-quantity': 'Enter at least one quantity.',
  'money.change-until': 'Give the requester until a day to come to change the request.',
  'money.customized-amount': 'The estimate of the customized service is an amount above zero.',
  'money.no-estimate': 'There is no such estimate of this request.',
  'money.invoice-open': 'An invoice of this request is open; it is paid, waived or withdrawn first.',
  'money.after-flat':
    'A flat charge was made for this request: no other charge for copies may follow (RCW 42.56.120(2)(d)).',
  'money.only-invoice-flat': 'Only an invoice can be flat.',
  'money.flat-after-units':
    'Charges by unit were made for this request: a flat charge cannot follow them (RCW 42.56.120(2)(d)).',
  'money.may-still-change':
    'The requester may still change the request: wait for the answer, or the day that the notice names (RCW 42.56.120(3)).',
  'money.estimate-invoiced': 'Invoice {invoice} has been made of this estimate already; make a new estimate.',
  'money.flat-needs-estimate':
    'A flat charge needs an estimate of at least the amount that the law names (RCW 42.56.120(2)(d)).',
  'money.no-deposit': 'The City’s schedule knows no deposit.',
  'money.deposit-nothing': 'A deposit on this estimate comes to nothing.',
  'money.nothing-to-charge': 'There is nothing to charge.',
  'money.only-open-withdrawn': 'Only an open invoice can be withdrawn.',
  'money.nobody-online': 'Nobody can pay online here; the City Clerk says how to pay.',
  'money.nothing-left': 'Nothing is left to pay on this invoice.',
  'money.quantity': 'A quantity is a whole number from zero on.',
  'money.no-rate': 'The City’s schedule has no rate for this: {what}.',
  'money.not-passed-on': 'The City’s schedule does not pass on postage, containers or media.',
  'money.no-receipt': 'There is no such receipt of this request.',
  'money.online-by-provider': 'An online payment is recorded by the provider’s own word.',
  'money.payment-day': 'The day of the payment lies between the request’s receipt and today.',
  'money.other-request': 'This form was sent for another request.',
  'money.amount-above-zero': 'The amount is above zero, in dollars and cents.',
  'money.no-waiver-rule': 'The City’s schedule has no such rule: a charge is waived by rule alone.',
  'money.only-open-waived': 'Only an open invoice can be waived.',
  'money.no-payment': 'There is no such payment of this request.',
  'money.back-as-paid': 'What was paid online goes back online, and what was not does not.',
  'money.deposit-open': 'The deposit is still open: withdraw its invoice first.',
  'money.more-than-paid': 'This is more than can be paid back from there.',
  'money.no-provider': 'No provider of online payments is set up.',
  'money.no-payment-page': 'The provider gave no page to pay on; try again.',
  'money.not-paid-back': 'The provider did not pay the money back.',
  'money.provider-silent':
    'The provider of online payments did not answer as it should; nothing was charged. Try again.',
  'money.event-unsigned': 'The event is not signed as it has to be.',
  'money.actual-cost':
    'An actual cost has a name of at most 200 characters and an amount above zero, below $10,000,000.',
  'money.no-schedule': '{note}',
  'money.the-reference': 'the reference',
  'money.form-key': 'the form’s own key',
  'money.why-charged': 'why the charge applies',
  'money.which-expertise': 'the expertise that it takes',
} as const;
