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

    func balance(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let names = BankRoute.BalanceQuery.self
        let query = try QueryParameters(request.query, names: [names.at, names.atLeastVersion])
        let at = try query.time(names.at)
        let version = try query.version(names.atLeastVersion)
        guard at == nil || version == nil else {
            throw .invalid("Ask for a balance at a time or of a version, not both.")
        }
        let (account, timing) = try await read(
            text, atLeastVersion: version ?? 0, at: at, request)
        let balance = try contract.checked(request) { try Balance(account, isNow: at == nil) }
        let body =
            balance.closedAt == nil
            ? BalanceJSON.encode(balance) : try contract.encoded(request) { balance }
        return Answer(body: body, call: "GetBalances", timing: timing)
    }

    func account(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let (account, timing) = try await read(text, request)
        let body = try contract.encoded(request) { try Account(account) }
        return Answer(body: body, call: "GetBalances", timing: timing)
    }

    private func read(
        _ text: Substring, atLeastVersion: Int64 = 0, at: Timestamp? = nil, _ request: BankRequest
    ) async throws(Problem) -> (Teller_Balance_V1_Account, ServerTiming?) {
        let number = try AccountNumber(path: text)
        let read = BalanceRead(
            account: number, atLeastVersion: atLeastVersion, at: at, context: request.context)
        let answer = try await tellingProblems { () async throws(BalanceClientError) in
            try await services.account(read)
        }
        switch answer.outcome.outcome {
        case .account(let account): return (account, answer.timing)
        case .refusal(let refusal): throw problem(refusal, number, request)
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
