import BalanceAPI
import BalanceClient
import BankAPI
import Bytes
import Ledger
import NIOCore

/// Accounts and their balances, as hop 2 tells them.
extension BankHandler {
    /// - Parameter completion: As of ``begin(_:_:kind:completion:)``.
    func balance(
        _ text: Substring, _ query: QueryParameters, _ request: BankRequest,
        completion: @escaping Completion
    ) throws(Problem) -> PendingRead {
        let names = BankRoute.BalanceQuery.self
        let at = try query.time(names.at)
        let version = try query.version(names.atLeastVersion)
        guard at == nil || version == nil else {
            throw .invalid("Ask for a balance at a time or of a version, not both.")
        }
        let read = BalanceRead(
            account: try AccountNumber(path: text), atLeastVersion: version ?? 0, at: at,
            context: request.context)
        return services.account(read) { result in
            completion(
                result.mapError { Problem($0) }.flatMap { answer in
                    Result { () throws(Problem) in try balance(answer, to: read, request) }
                })
        }
    }

    private func balance(
        _ answer: BalanceReadOutcome, to read: BalanceRead, _ request: BankRequest
    ) throws(Problem) -> Answer {
        let account = try account(in: answer, to: read, request)
        let balance = try checked(request) { try Balance(account, isNow: read.at == nil) }
        return Answer(body: balance.json, call: "GetBalances", timing: answer.timing)
    }

    func account(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let read = BalanceRead(account: try AccountNumber(path: text), context: request.context)
        let answer: BalanceReadOutcome
        do throws(BalanceClientError) {
            answer = try await services.account(read)
        } catch {
            throw Problem(error)
        }
        let account = try account(in: answer, to: read, request)
        let body = try encoded(request) { try Account(account) }
        return Answer(body: body, call: "GetBalances", timing: answer.timing)
    }

    private func account(
        in answer: BalanceReadOutcome, to read: BalanceRead, _ request: BankRequest
    ) throws(Problem) -> Teller_Balance_V1_Account {
        switch answer.outcome.outcome {
        case .account(let account): return account
        case .refusal(let refusal): throw problem(refusal, read.account, request)
        case nil: throw breach("an empty outcome", request)
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
        case .unauthenticated: .sessionEnded
        case .tooManyTries: .tooManyTries
        case .accountInvalid, .unspecified, .UNRECOGNIZED:
            breach("refusal \(refusal.code): \(refusal.message)", request)
        }
    }

    func list(_ query: QueryParameters, _ request: BankRequest) async throws(Problem) -> Answer {
        let names = BankRoute.AccountsQuery.self
        var message = Teller_Balance_V1_ListAccountsRequest()
        message.caller = request.asker
        message.pageSize = try query.pageSize(names.pageSize)
        message.pageToken = try query.pageToken(names.pageToken)
        if let code = query[names.currency] {
            do throws(CurrencyError) {
                message.currency = try Currency(code).code
            } catch {
                throw Problem(.currencyInvalid, detail: "\(error).")
            }
        }
        return try await answer(
            Teller_Balance_V1_Balances.Method.ListAccounts.descriptor, message, request
        ) { (reply: Teller_Balance_V1_ListAccountsResponse) in
            AccountsPage(
                accounts: try reply.accounts.map { try Account($0) },
                nextPageToken: reply.nextPageToken.isEmpty ? nil : reply.nextPageToken)
        }
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
