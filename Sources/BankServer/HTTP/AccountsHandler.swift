import BalanceAPI
import BankAPI
import Chain
import Hummingbird
import Ledger
import Logging
import NIOCore

/// The bank's routes: accounts and their balances, as hop 2 tells them.
struct AccountsHandler: Sendable {
    let services: BalanceServices
    let logger: Logger

    func answer(_ route: MatchedRoute, _ request: BankRequest) async throws(Problem) -> Answer {
        switch route {
        case .balance(let text):
            let (account, timing) = try await read(text, request)
            let balance = try checked(request) { try Balance(account) }
            return Answer(body: BalanceJSON.encode(balance), call: "GetBalances", timing: timing)
        case .account(let text):
            let (account, timing) = try await read(text, request)
            let body = try checked(request) {
                ByteBuffer(bytes: try BankJSON.encode(Account(account)))
            }
            return Answer(body: body, call: "GetBalances", timing: timing)
        case .accounts:
            return try await list(request)
        case .health, .readiness, .openAPI:
            throw .internal(tier: .bankServer)
        }
    }

    private func read(
        _ text: Substring, _ request: BankRequest
    ) async throws(Problem) -> (Teller_Balance_V1_Account, ServerTiming?) {
        let number = try Self.accountNumber(text)
        let answer = try await services.account(
            number, deadline: request.deadline, trace: request.sampledTrace)
        switch answer.outcome.outcome {
        case .account(let account): return (account, answer.timing)
        case .refusal(let refusal): throw problem(refusal, number, request)
        case nil: throw breach("an empty outcome", request)
        }
    }

    /// A number on a path, where a space is written as %20.
    private static func accountNumber(_ text: Substring) throws(Problem) -> AccountNumber {
        do {
            return try AccountNumber(text.percentDecoded ?? String(text))
        } catch {
            throw Problem(.accountInvalid, detail: "\(error)")
        }
    }

    private func problem(
        _ refusal: Teller_Balance_V1_Refusal, _ number: AccountNumber, _ request: BankRequest
    ) -> Problem {
        switch refusal.code {
        case .accountUnknown:
            Problem(
                .accountUnknown, detail: "This bank has no account \(number.grouped).",
                tier: .balanceService)
        case .deadlineExceeded: .deadlineExceeded(tier: .balanceService)
        case .accountInvalid, .versionNotReached, .unspecified, .UNRECOGNIZED:
            breach("refusal \(refusal.code): \(refusal.message)", request)
        }
    }

    private func list(_ request: BankRequest) async throws(Problem) -> Answer {
        let query = try AccountsQuery(request.uri)
        let reply = try await services.accounts(
            AccountsCall(
                message: query.message, deadline: request.deadline, trace: request.sampledTrace))
        let body = try checked(request) {
            let page = AccountsPage(
                accounts: try reply.message.accounts.map { try Account($0) },
                nextPageToken: reply.message.nextPageToken.isEmpty
                    ? nil : reply.message.nextPageToken)
            return ByteBuffer(bytes: try BankJSON.encode(page))
        }
        return Answer(body: body, call: "ListAccounts", timing: reply.timing)
    }

    /// What the balance service sent is checked, too: a breach of its contract is logged with its
    /// details, and the caller learns that the bank made a mistake.
    private func checked<Value>(
        _ request: BankRequest, _ body: () throws -> Value
    ) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw breach("\(error)", request)
        }
    }

    private func breach(_ what: String, _ request: BankRequest) -> Problem {
        logger.error(
            "the balance service broke its contract",
            metadata: ["error": "\(what)", "trace": "\(request.trace.traceIDText)"])
        return .internal(tier: .balanceService)
    }
}
