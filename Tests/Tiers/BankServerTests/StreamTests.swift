import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger
import NIOCore
import NIOHTTP1
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceClient
@testable import BankServer

/// Batches of hop 2 as messages of long-lived streams.
@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    @Test(
        .bank(services: 2),
        arguments: [RPCError.Code.unavailable, .internalError, .resourceExhausted, .unknown])
    func aReadWhoseStreamEndsIsAskedAgain(code: RPCError.Code) async throws {
        for fake in fakes {
            fake.status = RPCError(code: code, message: "secret")
            while fake.status != nil {
                let answer = try await bank.balance()
                #expect(answer.status == 200)
            }
            try await bank.waitUntilReady(services: 2)
        }
    }

    /// Whatever the status is, and whatever it says of its reason: the batch may have been done.
    @Test(.bank(services: 2), arguments: [true, false])
    func aWriteWhoseStreamEndsIsRepeatedWithItsID(applied: Bool) async throws {
        for status in [
            RPCError(code: .unavailable, message: "secret"),
            RPCError(BalanceErrorReason.shuttingDown.status("secret")),
            RPCError(BalanceErrorReason.requestInvalid.status("secret")),
        ] {
            let (id, before) = (Body.newID(), fake.ledger.calls.count)
            fake.ledger.script = [.endStream(status, applied: applied)]
            let answer = try await bank.transfer(Body.transfer(id))
            #expect(answer.status == 200)
            let ids = fake.ledger.calls.dropFirst(before).flatMap(\.groups)
                .flatMap(\.transfers).map { Array($0.id) }
            #expect(ids == [id.bytes, id.bytes])
            #expect(fake.ledger.applied.count { Array($0) == id.bytes } == 1)
            try await bank.waitUntilReady(services: 2)
        }
    }

    /// With nobody else there and no time left it is told as unknown.
    @Test(.bank) func aWriteWhoseStreamsEndToTheLastIsUnknown() async throws {
        let end = FakeLedger.Behaviour.endStream(
            RPCError(code: .unavailable, message: "secret"), applied: false)
        fake.ledger.script = Array(repeating: end, count: 1000)
        let answer = try await bank.transfer(Body.transfer(), timeout: "5S")
        #expect(try answer.problem.code == .outcomeUnknown)
    }

    /// What was on its way is answered, and what follows goes elsewhere.
    @Test(.bank(services: 2)) func aServiceThatClosesItsStreamsGetsNoMore() async throws {
        let (lasting, closing) = (fakes[0], fakes[1])
        closing.isClosing = true
        for _ in 0..<40 {
            let read = try await bank.balance()
            #expect(read.status == 200)
            let write = try await bank.transfer(Body.transfer())
            #expect(write.status == 200)
        }
        #expect(closing.calls.count <= 40)
        #expect(!lasting.calls.isEmpty)
    }

    @Test(.bank) func manyBatchesUseOneStream() async throws {
        for _ in 0..<300 {
            let status = try await bank.balance().status
            #expect(status == 200)
        }
        #expect(fake.calls.count == 300)
        #expect(fake.streams == 1)
    }

    // MARK: Callers on the event loop

    /// A caller on the loop that waits for a callback.
    private func onLoop<Result: Sendable>(
        of bank: TestBank,
        _ body: @escaping @Sendable (BalanceServices, @escaping @Sendable (Result) -> Void) -> Void
    ) async -> Result {
        await withCheckedContinuation { continuation in
            bank.balances.eventLoop.execute {
                body(bank.balances) { continuation.resume(returning: $0) }
            }
        }
    }

    private static func read(_ deadline: Deadline) throws -> BalanceRead {
        BalanceRead(
            account: try AccountNumber(FakeBalances.known),
            context: CallContext(deadline: deadline))
    }

    @Test(.bank) func aCallerOnTheLoopIsCalledBack() async throws {
        let read = try Self.read(.after(.seconds(60)))
        let answer: Result<BalanceReadOutcome, BalanceClientError> = await onLoop(
            of: bank
        ) { services, done in services.account(read) { done($0) } }
        #expect(try answer.get().outcome.account.balance == 123_456)
        let late = try Self.read(.after(.zero))
        let refused: Result<BalanceReadOutcome, BalanceClientError> = await onLoop(
            of: bank
        ) { services, done in services.account(late) { done($0) } }
        #expect(throws: BalanceClientError.deadlineExceeded) { try refused.get() }
        let group = try Teller_Balance_V1_TransferGroup.with {
            $0.transfers = [.init(try Body.request())]
        }
        let context = read.context
        let submitted: SubmittedTransfers = await onLoop(of: bank) { services, done in
            services.submit([group], context: context) { done($0) }
        }
        let counts = try submitted.groups.map { try $0.get().count }
        #expect(counts == [1])
    }

    @Test(.bank) func aCallerOnTheLoopMayLeave() async throws {
        fake.hold()
        let read = try Self.read(.after(.seconds(60)))
        let left: Result<BalanceReadOutcome, BalanceClientError> = await onLoop(
            of: bank
        ) { services, done in services.account(read) { done($0) }.cancel() }
        #expect(throws: BalanceClientError.self) { try left.get() }
        fake.release()
    }
}
