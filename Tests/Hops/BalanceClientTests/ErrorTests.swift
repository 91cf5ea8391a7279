import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Testing

@testable import BalanceClient

@Suite struct ErrorTests {
    static func reason(_ reason: BalanceErrorReason) -> RPCError {
        RPCError(reason.status("secret"))
    }

    /// Only these promise it, whatever status they come with.
    @Test func fewErrorsSayThatNothingWasDone() {
        let promises = Set(
            BalanceErrorReason.allCases.filter { HopError.saysNothingWasDone(Self.reason($0)) })
        #expect(
            promises == [
                .databaseUnavailable, .shuttingDown, .overloaded, .tooManyQueries, .requestInvalid,
                .unauthenticated, .forbidden, .tooManyTries,
            ])
    }

    /// It has said that it did not begin: nothing of the call is unknown.
    @Test func aReasonOfTomorrowIsReadByItsCode() async throws {
        func error(_ code: RPCError.Code, domain: String = "teller") -> RPCError {
            let status = GoogleRPCStatus(
                code: code, message: "",
                details: .errorInfo(reason: "BANK_HOLIDAY", domain: domain))
            return RPCError(code: code, message: "", metadata: status.rpcErrorMetadata)
        }
        #expect(HopError.saysNothingWasDone(error(.failedPrecondition)))
        #expect(!HopError.saysNothingWasDone(error(.failedPrecondition, domain: "other")))
        #expect(!HopError.saysNothingWasDone(error(.internalError)))
        #expect(!HopError.saysNothingWasDone(error(.unavailable)))
    }

    /// The retry budget is for what certainly did nothing.
    @Test func whatSurelyWasNotDoneNeedsTheBudget() {
        let definite = WriteFailure(ofCall: Self.reason(.databaseUnavailable), mayRepeat: false)
        #expect(
            !WriteAttempts(until: .after(.seconds(20)), lockWait: .seconds(1)).allowAnother(
                after: definite, mayBeDone: false))
    }
}

@Suite struct TransferWriteTests {
    @Test func isSentOrAbandonedAndNeverBoth() {
        let sent = TransferWrite(
            groups: [], context: CallContext(deadline: .after(.seconds(1))))
        #expect(sent.claim())
        #expect(!sent.abandon())
        let abandoned = TransferWrite(
            groups: [], context: CallContext(deadline: .after(.seconds(1))))
        #expect(abandoned.abandon())
        #expect(!abandoned.claim())
    }
}
