import BankAPI
import Ledger
import TestSupport
import Testing

@testable import BankClient

/// Whether an answer is about what was asked, all of it.
@Suite struct AnswerMatchTests {
    private static let id = Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | 1)
    private static let other = Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | 2)
    private static let six = Money(minorUnits: 600, currency: .usd)
    private static let five = Money(minorUnits: 500, currency: .usd)

    struct Case: Sendable, CustomTestStringConvertible {
        var request: TransferRequest
        var changes: [@Sendable (inout RecordedTransfer) -> Void]
        var testDescription: String { request.kind.rawValue }
    }

    static func cases() throws -> [Case] {
        let (alice, bob, carol) = (
            try number(1), try number(2), try number(4)
        )
        let debit: @Sendable (inout RecordedTransfer) -> Void = { $0.debit = carol }
        let credit: @Sendable (inout RecordedTransfer) -> Void = { $0.credit = carol }
        let amount: @Sendable (inout RecordedTransfer) -> Void = { $0.amount = six }
        let hold: @Sendable (inout RecordedTransfer) -> Void = { $0.hold = id }
        func make(
            _ action: TransferRequest.Action,
            _ changes: @Sendable (inout RecordedTransfer) -> Void...
        ) throws -> Case {
            Case(
                request: TransferRequest(id: id, action: action, memo: try ShortText("é")),
                changes: changes + [
                    { $0.id = other }, { $0.memo = nil },
                    { $0.memo = try? ShortText("e\u{301}") },
                    { $0.kind = $0.kind == .void ? .post : .void },
                ])
        }
        return [
            try make(.transfer(debit: alice, credit: bob, amount: five), debit, credit, amount),
            try make(.deposit(credit: bob, amount: five), credit, amount),
            try make(.withdrawal(debit: alice, amount: five), debit, amount),
            try make(
                .hold(debit: alice, credit: bob, amount: five, seconds: 9), debit, credit, amount,
                { $0.holdSeconds = 8 }),
            try make(.post(hold: other, amount: five), hold, amount),
            try make(.post(hold: other, amount: nil), hold),
            try make(.void(hold: other), hold),
            try make(.reversal(of: other), { $0.reverses = id }),
        ]
    }

    private static func number(_ number: Int64) throws -> AccountNumber {
        try AccountNumber(bank: "DEMO", number: number)
    }

    private let reader: AnswerReader

    init() throws {
        reader = try AnswerReader.sample()
    }

    @Test(arguments: try cases())
    func allThatTheRequestFixesIsCompared(example: Case) {
        let record = RecordedTransfer.sample(of: example.request)
        #expect(isDone(record, example.request))
        for change in example.changes {
            var changed = record
            change(&changed)
            #expect(!isDone(changed, example.request), "\(changed)")
        }
    }

    /// Of one alone and as a member of a batch: the same.
    private func isDone(_ record: RecordedTransfer, _ request: TransferRequest) -> Bool {
        let received = Transfer(record)
        let alone = reader.result(received, of: request)
        let answer = TransferBatchAnswer(outcomes: [.init(received)])
        for areLinked in [true, false] {
            let members = reader.results(answer, of: [request], areLinked: areLinked)
            #expect(members.map(Self.isDone) == [Self.isDone(alone)])
        }
        return Self.isDone(alone)
    }

    private static func isDone<Value>(_ result: Written<Value>) -> Bool {
        if case .done = result { true } else { false }
    }

    @Test func aGroupOfWhichAPartIsDoneIsUnknown() throws {
        let request = try Self.cases()[0].request
        let done = Written<Transfer>.done(Transfer(RecordedTransfer.sample(of: request)))
        let refused = Written<Transfer>.refused(
            .linkedRefused, BankClientError(.refused(.linkedRefused)))
        let cause = Written<Transfer>.refused(
            .accountClosed, BankClientError(.refused(.accountClosed)))
        guard case .unknown(let error) = WriteResult.together([done, refused]) else {
            Issue.record("a part is taken for a whole")
            return
        }
        #expect(error.reason == .partlyDone(1, of: 2))
        guard case .refused(.accountClosed, _) = WriteResult.together([refused, cause])
        else {
            Issue.record("another reason than the first one's")
            return
        }
        #expect(Self.isDone(WriteResult.together([done, done])))
    }

    @Test func anotherLimitIsAnotherAccount() throws {
        let account = Account(
            account: try Self.number(1), name: "Zoë",
            balance: Money(minorUnits: 0, currency: .usd),
            held: Money(minorUnits: 0, currency: .usd), overdraftLimit: Self.five, version: 0,
            openedAt: .init(microseconds: 0), closedAt: nil)
        var request = OpenAccount(
            id: Self.id, ledger: nil, name: try ShortText("Zoë"), overdraftLimit: Self.five)
        #expect(Self.isDone(reader.result(account, opening: request)))
        request.overdraftLimit = Money(minorUnits: 500, currency: .eur)
        #expect(!Self.isDone(reader.result(account, opening: request)))
        request.overdraftLimit = Money(minorUnits: 501, currency: .usd)
        #expect(!Self.isDone(reader.result(account, opening: request)))
        // One that is still open was not closed.
        #expect(!Self.isDone(reader.result(account, closing: account.account)))
    }
}

extension AnswerReader {
    static func sample() throws -> AnswerReader {
        AnswerReader(
            address: try BankAddress("http://127.0.0.1:1", source: .init(rawValue: "test")),
            timeout: .seconds(5))
    }
}
