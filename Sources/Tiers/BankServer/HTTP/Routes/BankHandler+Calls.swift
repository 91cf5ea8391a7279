import BankAPI
import Chain
import Logging
import NIOCore

/// What the balance service sent is checked, too: a breach of its contract is logged with its
/// details, and the caller learns that the bank made a mistake.
struct ContractCheck: Sendable {
    let logger: Logger

    func checked<Value>(
        _ request: BankRequest, _ body: () throws -> Value
    ) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw breach("\(error)", request)
        }
    }

    /// The value as JSON.
    func encoded(
        _ request: BankRequest, _ value: () throws -> some Encodable
    ) throws(Problem) -> ByteBuffer {
        try checked(request) { ByteBuffer(bytes: try BankJSON.encode(value())) }
    }

    func breach(_ what: String, _ request: BankRequest) -> Problem {
        logger.error(
            "the balance service broke its contract",
            metadata: ["error": "\(what)", "trace": "\(request.trace.traceIDText)"])
        return .internal(tier: .balanceService)
    }
}
