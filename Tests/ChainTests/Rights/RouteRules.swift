import BankAPI
import Chain
import Ledger
import TestSupport

/// Who may have done what each route does, by its method and its path as openapi.yaml has it. One that has no
/// rule here fails the test.
enum RouteRules {
    typealias Rule = RightsRule<RouteAsker>

    static let all: [String: [Rule]] =
        accounts.merging(transfers) { $1 }.merging(identity) { $1 }.merging([
            "GET /v1/bank": [read(.anybody) { _ in BankRoute.bank }],
            "GET /v1/audit": [read(.operator) { _ in BankRoute.audit }],
            "GET /healthz": [read(.anybody) { _ in BankRoute.health }],
            "GET /readyz": [read(.anybody) { _ in BankRoute.readiness }],
            "GET /openapi.yaml": [read(.anybody) { _ in BankRoute.openAPI }],
        ]) { $1 }

    private static let accounts: [String: [Rule]] = [
        // Everybody has a list: of her own.
        "GET /v1/accounts": [
            Rule(.owner, otherwise: "account_unknown", isTry: false) { asker, subject in
                try await asker.get("\(BankRoute.accounts)?page_size=500") { answer in
                    answer.body.contains(subject.account.compact) ? "" : "account_unknown"
                }
            }
        ],
        "POST /v1/accounts": [
            Rule(.operator) { asker, _ in
                let open = OpenAccount(
                    id: .anyID(), ledger: nil, name: try ShortText("Bruno, more"),
                    overdraftLimit: cents(0), owner: UserName("bruno"))
                return try await asker.write("POST", BankRoute.accounts, open)
            }
        ],
        "GET /v1/accounts/{account}": [
            read(.owner, otherwise: "account_unknown") { BankRoute.account($0.account) }
        ],
        "GET /v1/accounts/{account}/balance": [
            read(.owner, otherwise: "account_unknown") { BankRoute.balance(of: $0.account) },
            read(.owner, otherwise: "account_unknown") {
                BankRoute.balance(of: $0.account) + "?at=2024-07-01T00:00:00Z"
            },
        ],
        "GET /v1/accounts/{account}/statement": [
            read(.owner, otherwise: "account_unknown") { BankRoute.statement(of: $0.account) }
        ],
        "POST /v1/accounts/{account}/close": [
            Rule(.operator) { asker, subject in
                try await asker.write(
                    "POST", BankRoute.close(subject.emptyAccount),
                    CloseAccount(id: .anyID(), ledger: nil))
            }
        ],
    ]

    private static let transfers: [String: [Rule]] = [
        "POST /v1/transfers": actions(firstHold: 0).map { who, otherwise, action in
            Rule(who, otherwise: otherwise) { asker, subject in
                let request = TransferRequest(id: .anyID(), action: action(subject))
                return try await asker.write(
                    "POST", BankRoute.transfers, TransferSubmission(request))
            }
        },
        // What is reversed is so once: above.
        "POST /v1/transfers/batch": actions(firstHold: 2).filter { $0.1 != "transfer_unknown" }
            .map { who, otherwise, action in
                Rule(who, otherwise: otherwise) { asker, subject in
                    let request = TransferRequest(id: .anyID(), action: action(subject))
                    return try await asker.write(
                        "POST", BankRoute.transferBatch,
                        TransferBatch(ledger: nil, atomic: false, transfers: [request]))
                }
            },
        "POST /v1/transfers/lookup": [
            Rule(.owner, otherwise: "transfer_unknown") { asker, subject in
                try await asker.write(
                    "POST", BankRoute.transferLookup, TransferLookup(ids: [subject.transfer])
                ) { $0.body.contains(#""kind""#) ? "" : "transfer_unknown" }
            }
        ],
        "GET /v1/transfers/{id}": [
            read(.owner, otherwise: "transfer_unknown") { BankRoute.transfer($0.transfer) }
        ],
    ]

    /// - Parameter firstHold: One to post, and then one to void.
    private static func actions(
        firstHold: Int
    ) -> [(Rule.Who, String, @Sendable (RightsSubject) -> TransferRequest.Action)] {
        [
            (
                .owner, "account_unknown",
                { .transfer(debit: $0.account, credit: $0.payee, amount: cents(1)) }
            ),
            (
                .owner, "account_unknown",
                { .hold(debit: $0.account, credit: $0.payee, amount: cents(1), seconds: 60) }
            ),
            (.payee, "hold_unknown", { .post(hold: $0.holds[firstHold], amount: nil) }),
            (.payee, "hold_unknown", { .void(hold: $0.holds[firstHold + 1]) }),
            (.payee, "transfer_unknown", { .reversal(of: $0.transfer) }),
            (.operator, "transfer_unknown", { .reversal(of: $0.deposit) }),
            (.operator, "account_unknown", { .deposit(credit: $0.account, amount: cents(1)) }),
            (.operator, "account_unknown", { .withdrawal(debit: $0.account, amount: cents(1)) }),
        ]
    }

    private static func cents(_ minorUnits: Int64) -> Money {
        Money(minorUnits: minorUnits, currency: .usd)
    }

    static func read(
        _ who: Rule.Who, otherwise: String? = nil,
        _ path: @escaping @Sendable (RightsSubject) -> String
    ) -> Rule {
        Rule(who, otherwise: otherwise) { asker, subject in try await asker.get(path(subject)) }
    }
}
