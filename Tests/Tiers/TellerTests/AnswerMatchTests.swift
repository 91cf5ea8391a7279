import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whether an answer is about what was asked, all of it.
@Suite(.timeLimit(.minutes(2))) struct AnswerMatchTests {
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
            try AccountNumber(FakeLedger.alice), try AccountNumber(FakeLedger.bob),
            try AccountNumber(AccountSamples.number(4))
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

    private let reader: AnswerReader

    init() throws {
        reader = AnswerReader(
            address: try BankAddress("http://127.0.0.1:1", source: .flag),
            timeout: try Timeout("5s"))
    }

    @Test(arguments: try cases())
    func allThatTheRequestFixesIsCompared(example: Case) {
        let record = FakeLedger.record(example.request)
        #expect(isDone(record, example.request))
        for change in example.changes {
            var changed = record
            change(&changed)
            #expect(!isDone(changed, example.request), "\(changed)")
        }
    }

    /// Of one alone and as a member of a batch: the same.
    private func isDone(_ record: RecordedTransfer, _ request: TransferRequest) -> Bool {
        let received = ReceivedTransfer(Transfer(record))
        let alone = reader.result(received, of: request)
        let answer = ReceivedBatch(outcomes: [.init(received)])
        for areLinked in [true, false] {
            let members = reader.results(answer, of: [request], areLinked: areLinked)
            #expect(members.map(Self.isDone) == [Self.isDone(alone)])
        }
        return Self.isDone(alone)
    }

    private static func isDone<Value>(_ result: WriteResult<Value>) -> Bool {
        if case .done = result { true } else { false }
    }

    @Test func aGroupOfWhichAPartIsDoneIsUnknown() throws {
        let request = try Self.cases()[0].request
        let done = WriteResult<Transfer>.done(Transfer(FakeLedger.record(request)))
        let refused = WriteResult<Transfer>.refused(.linkedRefused, TellerError(.refused, "no"))
        let cause = WriteResult<Transfer>.refused(
            AnswerCode(.accountClosed), TellerError(.refused, "closed"))
        guard case .unknown(let error) = WriteResult.together([done, refused]) else {
            Issue.record("a part is taken for a whole")
            return
        }
        #expect(error.what.contains("1 of 2 are done"))
        guard case .refused(AnswerCode(.accountClosed), _) = WriteResult.together([refused, cause])
        else {
            Issue.record("another reason than the first one's")
            return
        }
        #expect(Self.isDone(WriteResult.together([done, done])))
    }

    @Test func anotherAmountIsUnknownAndResumed() async throws {
        let ledger = FakeLedger()
        try await WriteTestHome.with(ledger) { home in
            let lying: FakeBank.Behaviour = { request in
                guard case .answer(_, _, let body, _) = ledger.behave(request) else {
                    return .reset
                }
                return .json(
                    request.method == "POST" ? body.replacing("\"25.00\"", with: "\"26.00\"") : body
                )
            }
            try await FakeBank.serving(lying) { liar in
                for _ in 1...2 {
                    let command =
                        try await home.journal.pending().writes.isEmpty
                        ? ["transfer", "25", FakeLedger.alice, FakeLedger.bob] : ["resume"]
                    let teller = try await TellerProcess.run(
                        command + ["--timeout", "60s"], server: liar.url,
                        environment: ["XDG_STATE_HOME": home.state])
                    #expect(teller.status == 2, "\(teller.errors)")
                    #expect((teller.output + teller.errors).contains("about another transfer"))
                }
            }
            #expect(try await home.teller("resume").status == 0)
            #expect(ledger.applied.count == 1)
        }
    }

    @Test func anotherLimitIsAnotherAccount() throws {
        let account = Account(
            account: try AccountNumber(FakeLedger.alice), name: "Zoë",
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
