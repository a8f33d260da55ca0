/** What the SDK's event streams are in a bundle, where no operation of ours has one. */
export class EventStreamSerde {
  constructor() {
    throw new Error(
      'This operation streams events, which are left out of the bundles: remove the rule for them in lib/build/lean-sdk.ts.',
    );
  }
}
export const eventStreamSerdeProvider = undefined;
