/** What a new task says of the record that it is about. */
interface About {
  readonly accountId?: string | null | undefined;
  readonly linkedRecordId?: string | null | undefined;
}

/**
 * A follow-up, which is about the record that it names: then it stays as it is. Else it is about that of what it follows;
 * null where that has none.
 */
export const about = <Input extends About>(input: Input, recordId: string | null): Input =>
  input.accountId == null && input.linkedRecordId == null ? { ...input, linkedRecordId: recordId } : input;
