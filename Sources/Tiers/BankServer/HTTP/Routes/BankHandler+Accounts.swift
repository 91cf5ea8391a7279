import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import Ledger
import NIOCore

/// Reads accounts, their balances and statements, as hop 2 tells them.
struct AccountsHandler: Sendable {
    let services: BalanceServices
    let contract: ContractCheck

    /// Called on the event loop of hop 2's client.
    ///
    /// - Parameter completion: Called there; before this returns when the read is refused.
    /// - Returns: To leave before the answer.
    func balance(
        _ text: Substring, _ request: BankRequest,
        completion: @escaping (Result<Answer, Problem>) -> Void
    ) throws(Problem) -> PendingCall {
        let read = try balanceRead(text, request)
        return services.account(read) { result in
            completion(
                result.mapError { Problem($0) }.flatMap { answer in
                    Result { () throws(Problem) in try balance(answer, to: read, request) }
                })
        }
    }

    func balance(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let read = try balanceRead(text, request)
        return try balance(try await answer(to: read), to: read, request)
    }

    private func balanceRead(
        _ text: Substring, _ request: BankRequest
    ) throws(Problem) -> BalanceRead {
        let names = BankRoute.BalanceQuery.self
        let query = try QueryParameters(request.query, names: [names.at, names.atLeastVersion])
        let at = try query.time(names.at)
        let version = try query.version(names.atLeastVersion)
        guard at == nil || version == nil else {
            throw .invalid("Ask for a balance at a time or of a version, not both.")
        }
        return BalanceRead(
            account: try AccountNumber(path: text), atLeastVersion: version ?? 0, at: at,
            context: request.context)
    }

    private func balance(
        _ answer: BalanceReadOutcome, to read: BalanceRead, _ request: BankRequest
    ) throws(Problem) -> Answer {
        let account = try account(in: answer, to: read, request)
        let balance = try contract.checked(request) { try Balance(account, isNow: read.at == nil) }
        let body =
            balance.closedAt == nil
            ? BalanceJSON.encode(balance) : try contract.encoded(request) { balance }
        return Answer(body: body, call: "GetBalances", timing: answer.timing)
    }

    func account(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let read = BalanceRead(account: try AccountNumber(path: text), context: request.context)
        let answer = try await answer(to: read)
        let account = try account(in: answer, to: read, request)
        let body = try contract.encoded(request) { try Account(account) }
        return Answer(body: body, call: "GetBalances", timing: answer.timing)
    }

    private func answer(to read: BalanceRead) async throws(Problem) -> BalanceReadOutcome {
        try await tellingProblems { () async throws(BalanceClientError) in
            try await services.account(read)
        }
    }

    private func account(
        in answer: BalanceReadOutcome, to read: BalanceRead, _ request: BankRequest
    ) throws(Problem) -> Teller_Balance_V1_Account {
        switch answer.outcome.outcome {
        case .account(let account): return account
        case .refusal(let refusal): throw problem(refusal, read.account, request)
        case nil: throw contract.breach("an empty outcome", request)
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
        case .versionNotReached:
            Problem(
                .versionNotReached,
                detail:
                    "The account has not reached that version yet. Try again, or ask for an earlier one.",
                tier: .balanceService)
        case .accountInvalid, .unspecified, .UNRECOGNIZED:
            contract.breach("refusal \(refusal.code): \(refusal.message)", request)
        }
    }

    func list(_ request: BankRequest) async throws(Problem) -> Answer {
        let names = BankRoute.AccountsQuery.self
        let query = try QueryParameters(
            request.query, names: [names.pageSize, names.pageToken, names.currency])
        var message = Teller_Balance_V1_ListAccountsRequest()
        message.pageSize = try query.pageSize(names.pageSize)
        message.pageToken = try query.pageToken(names.pageToken)
        if let code = query[names.currency] {
            do throws(CurrencyError) {
                message.currency = try Currency(code).code
            } catch {
                throw Problem(.currencyInvalid, detail: "\(error).")
            }
        }
        let reply = try await services.answer(
            UnaryCall(
                Teller_Balance_V1_Balances.Method.ListAccounts.descriptor, message,
                returning: Teller_Balance_V1_ListAccountsResponse.self, context: request.context,
                departure: request.departure))
        let body = try contract.encoded(request) {
            AccountsPage(
                accounts: try reply.message.accounts.map { try Account($0) },
                nextPageToken: reply.message.nextPageToken.isEmpty
                    ? nil : reply.message.nextPageToken)
        }
        return Answer(body: body, call: "ListAccounts", timing: reply.timing)
    }
}

extension AccountNumber {
    /// A number on a path, where a space is written as %20.
    init(path text: Substring) throws(Problem) {
        do {
            try self.init(text.percentDecoded ?? String(text))
        } catch {
            throw Problem(.accountInvalid, detail: "\(error).")
        }
    }
}
