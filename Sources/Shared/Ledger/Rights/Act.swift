/// What can be asked of the bank, by the words that docs/rights.md has for it.
public enum Act: String, Hashable, Sendable, CaseIterable {
    /// Its balance, now and in the past, its statement and its holds.
    case readAccount = "read an account"
    /// A page of it is of the accounts that the asker may read.
    case listAccounts = "list all accounts"
    case readTransfer = "read a transfer"
    case transfer
    case hold
    case post = "post a hold"
    case void = "void a hold"
    case reverse = "reverse a transfer"
    /// Money from nowhere.
    case deposit
    case withdraw
    case openAccount = "open an account"
    case closeAccount = "close an account"
    case audit = "run the audit"
    /// To add and disable them, to reset their passwords, and to end their sessions.
    case managePeople = "manage people"
    case readTrail = "read the trail"
    /// To free the money of those that are due.
    case expireHolds = "expire holds"
}

/// What somebody who asks is to the thing that is asked for. One may be several.
public struct Part: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Of the account that is read.
    public static let owner = Part(rawValue: 1)
    /// The owner of the account that the money leaves, or left.
    public static let payer = Part(rawValue: 2)
    /// The owner of the account that gets the money, or got it.
    public static let payee = Part(rawValue: 4)
    public static let `operator` = Part(rawValue: 8)
    /// A program of the bank that acts for nobody.
    public static let tier = Part(rawValue: 16)

    /// Each by the word that docs/rights.md has for it.
    public static let names: KeyValuePairs<String, Part> = [
        "owner": .owner, "payer": .payer, "payee": .payee, "operator": .operator, "tier": .tier,
    ]
}

extension Act {
    /// The table: who may do it.
    public var parts: Part {
        switch self {
        case .readAccount: [.owner, .operator]
        case .readTransfer: [.payer, .payee, .operator]
        case .transfer, .hold: [.payer, .operator]
        // Once it is held or paid it is the payee's: to take it, to let it go or to give it back.
        case .post, .void, .reverse: [.payee, .operator]
        case .deposit, .withdraw, .openAccount, .closeAccount, .listAccounts, .audit,
            .managePeople, .readTrail:
            .operator
        case .expireHolds: .tier
        }
    }
}
