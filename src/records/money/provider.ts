// What a provider of online payments can do for the portal. It must name no provider; stripe.ts is one.

export type Checkout = { readonly id: string; readonly url: string; readonly expiresAt: string };

export type NewCheckout = {
  readonly invoiceId: string;
  readonly invoice: string; // its number
  readonly cents: number;
  readonly description: string;
  readonly returnUrl: string;
  /** The same key gives the same checkout, however often it is asked. */
  readonly key: string;
};

/** What the provider tells, with nothing of who paid. */
export type ProviderEvent = {
  readonly id: string;
  readonly kind: string; // the provider's own word
  readonly madeAt: string;
  readonly what:
    | {
        readonly kind: 'paid';
        readonly checkoutId: string;
        readonly paymentId: string;
        readonly cents: number;
        readonly invoiceId: string | null;
      }
    | { readonly kind: 'expired'; readonly checkoutId: string }
    | { readonly kind: 'other' };
};

export type PaymentProvider = {
  readonly name: string;
  readonly createCheckout: (checkout: NewCheckout) => Promise<Checkout>;
  /** Throws bad-request when the signature is not the provider's, or too old. */
  readonly parseEvent: (body: Buffer, signature: string) => ProviderEvent;
  /** Gives money back; the same key does it once. Answers the provider's id. */
  readonly refund: (refund: {
    readonly paymentId: string;
    readonly cents: number;
    readonly key: string;
  }) => Promise<string>;
};
