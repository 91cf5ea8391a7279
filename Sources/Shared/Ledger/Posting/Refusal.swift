/// Why the ledger did not do what it was asked. Stable, on every hop and in the database; a refusal is
/// kept under the request's id and answered the same on a repeat.
public enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    case insufficientFunds = "insufficient_funds"
    case accountClosed = "account_closed"
    case accountUnknown = "account_unknown"
    case currencyMismatch = "currency_mismatch"
    case sameAccount = "same_account"
    /// The kinds of the accounts do not allow it.
    case accountIsCash = "account_is_cash"
    case amountNotPositive = "amount_not_positive"
    /// More than ``LedgerLimits`` allow, or it would bring an account past them.
    case amountTooLarge = "amount_too_large"
    /// Not kept: the id has its outcome already.
    case idUsedWithOtherContent = "id_used_with_other_content"
    /// Not kept: the id is all zeros or all ones, which everybody may have by mistake.
    case idInvalid = "id_invalid"
    case holdUnknown = "hold_unknown"
    case holdAlreadyPosted = "hold_already_posted"
    case holdAlreadyVoided = "hold_already_voided"
    case holdExpired = "hold_expired"
    case amountExceedsHold = "amount_exceeds_hold"
    /// There is no such transfer, or it moved no money.
    case transferUnknown = "transfer_unknown"
    case alreadyReversed = "already_reversed"
    /// Another transfer of an all-or-nothing group was refused.
    case linkedRefused = "linked_refused"
    case accountNotEmpty = "account_not_empty"
    case accountHasHolds = "account_has_holds"
    case nameInvisible = "name_invisible"
    case ownerUnknown = "owner_unknown"
    /// The asker may see it, and it is not hers to do.
    case forbidden

    /// For people: what happened, as a sentence.
    public var explanation: String {
        switch self {
        case .insufficientFunds: "The account does not have enough available."
        case .accountClosed: "An account is closed."
        case .accountUnknown: "This bank has no such account."
        case .currencyMismatch: "The amount and the accounts differ in currency."
        case .sameAccount: "The two accounts are the same."
        case .accountIsCash: "Only deposits and withdrawals touch the bank's cash account."
        case .amountNotPositive: "The amount must be more than zero."
        case .amountTooLarge: "The amount is larger than the ledger allows."
        case .idUsedWithOtherContent: "The id was used before, for something else."
        case .idInvalid: "A UUID of all zeros or all ones is not a valid id."
        case .holdUnknown: "There is no such hold."
        case .holdAlreadyPosted: "The hold was posted already."
        case .holdAlreadyVoided: "The hold was voided already."
        case .holdExpired: "The hold has expired."
        case .amountExceedsHold: "The amount is more than the hold's."
        case .transferUnknown: "No transfer that moved money has this id."
        case .alreadyReversed: "The transfer was reversed already."
        case .linkedRefused: "Another transfer of the group was refused, so none was made."
        case .accountNotEmpty: "The account's balance is not zero."
        case .accountHasHolds: "A hold from the account, or to it, is pending."
        case .nameInvisible: "The name has no visible character."
        case .ownerUnknown: "The bank knows nobody of the owner's name."
        case .forbidden: "That is not yours to do; one of the bank's operators can."
        }
    }
}
