public import Ledger

/// What the requests of the tests of rights are about.
public struct RightsSubject: Sendable {
    /// Alice's.
    public var account: AccountNumber
    /// Another one of hers, empty.
    public var emptyAccount: AccountNumber
    /// Daniel's.
    public var payee: AccountNumber
    /// From one to the other.
    public var transfer = Identifier.anyID()
    /// From the bank's cash to Alice.
    public var deposit = Identifier.anyID()
    /// From one to the other, pending.
    public var holds = (0..<4).map { _ in Identifier.anyID() }
    /// Of Alice: one to end, and one to see.
    public var sessions = (0..<2).map { _ in Identifier.anyID() }
    /// A customer.
    public var user = "emi"

    /// - Parameter isThere: Whether there are such accounts in the demo data.
    init(isThere: Bool) throws {
        account = try AccountNumber(bank: "DEMO", number: isThere ? 17 : 917)
        emptyAccount = try AccountNumber(bank: "DEMO", number: isThere ? 60 : 960)
        payee = try AccountNumber(bank: "DEMO", number: 41)
    }

    /// Of another bank's books: there is none of it.
    public static var absent: RightsSubject { get throws { try RightsSubject(isThere: false) } }

    /// Puts it into a bank with the demo data, as the ledger's owner does.
    public static func make(in url: String) async throws -> RightsSubject {
        var subject = try RightsSubject(isThere: true)
        let sessions = subject.sessions.indices.map { TestSession(user: "alice", number: $0) }
        for session in sessions + [.tester]
            + ["alice", "bruno", subject.user].map({ .init(user: $0) })
        {
            try await session.open(in: url)
        }
        try await TestPostgres.psql(
            url,
            """
            INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit, owner)
            VALUES (60, 'DEMO', 'customer', 'Alice, empty', 'USD', 0, 'alice')
            """)
        for (index, session) in sessions.enumerated() {
            guard let id = Identifier(try await session.id(in: url)) else {
                throw TestFailure("no session")
            }
            subject.sessions[index] = id
        }
        return subject
    }

    /// The requests that make the deposit, the transfer and the holds, and who may ask for each.
    public var requests: [(by: TestSession, request: TransferRequest)] {
        let amount = Money(minorUnits: 100, currency: .usd)
        let (owner, clerk) = (TestSession(user: "alice"), TestSession.tester)
        let moves: [(TestSession, Identifier, TransferRequest.Action)] = [
            (clerk, deposit, .deposit(credit: account, amount: amount)),
            (owner, transfer, .transfer(debit: account, credit: payee, amount: amount)),
        ]
        let hold = TransferRequest.Action.hold(
            debit: account, credit: payee, amount: amount, seconds: 3600)
        return (moves + holds.map { (owner, $0, hold) }).map { by, id, action in
            (by, TransferRequest(id: id, action: action))
        }
    }

    /// A text without what tells this one from another one.
    func normalized(_ text: String) -> String {
        var text = text
        for (name, number) in [("ACCOUNT", account), ("EMPTY", emptyAccount)] {
            text.replace(number.compact, with: name)
            text.replace(number.grouped, with: name)
        }
        for id in [transfer, deposit] + sessions + holds {
            text.replace(id.description, with: "ID")
        }
        return text
    }
}

extension Identifier {
    /// An id that nothing has.
    public static func anyID() -> Identifier {
        Identifier(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max))
    }
}
