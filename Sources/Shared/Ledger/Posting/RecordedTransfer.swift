/// What the ledger keeps of a request for ever: the request and its outcome.
public struct RecordedTransfer: Hashable, Sendable {
    /// An account's side of a transfer that moved money.
    public struct Leg: Hashable, Sendable {
        /// The account's version with this entry.
        public var version: Int64
        /// In minor units.
        public var balanceAfter: Int64

        public init(version: Int64, balanceAfter: Int64) {
            self.version = version
            self.balanceAfter = balanceAfter
        }
    }

    public var id: Identifier
    public var kind: TransferKind
    /// Who asked for it; nil before there were people.
    public var requestedBy: UserName?
    /// As asked, or found: the bank's cash account, the accounts of the hold, or those of the reversed
    /// transfer the other way round. nil when refused before they were found.
    public var debit: AccountNumber?
    public var credit: AccountNumber?
    /// What was moved, held or freed; of a refused request what was asked. nil when refused and only
    /// the hold or the reversed transfer could have told.
    public var amount: Money?
    public var memo: ShortText?
    /// The hold that was posted or voided.
    public var hold: Identifier?
    /// The transfer that this one undoes.
    public var reverses: Identifier?
    /// How long a hold was to last, in seconds.
    public var holdSeconds: Int64?
    /// By the database's clock, never earlier than the entries before it in its accounts.
    public var createdAt: Timestamp
    /// nil when it was done.
    public var refusal: Refusal?
    /// Of a transfer that moved money.
    public var debitLeg: Leg?
    public var creditLeg: Leg?

    public init(
        id: Identifier, kind: TransferKind, requestedBy: UserName? = nil,
        debit: AccountNumber? = nil, credit: AccountNumber? = nil, amount: Money? = nil,
        memo: ShortText? = nil,
        hold: Identifier? = nil, reverses: Identifier? = nil, holdSeconds: Int64? = nil,
        createdAt: Timestamp, refusal: Refusal? = nil, debitLeg: Leg? = nil, creditLeg: Leg? = nil
    ) {
        self.id = id
        self.kind = kind
        self.requestedBy = requestedBy
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.memo = memo
        self.hold = hold
        self.reverses = reverses
        self.holdSeconds = holdSeconds
        self.createdAt = createdAt
        self.refusal = refusal
        self.debitLeg = debitLeg
        self.creditLeg = creditLeg
    }

    /// When a hold expires.
    public var expiresAt: Timestamp? { holdSeconds.map { createdAt.adding(seconds: $0) } }

    /// What every repeat of the request comes to.
    public var outcome: TransferOutcome { refusal.map { .refused($0) } ?? .done(self) }
}

/// What a request came to. A repeat of the request comes to an equal one.
public enum TransferOutcome: Hashable, Sendable {
    case done(RecordedTransfer)
    case refused(Refusal)
}
