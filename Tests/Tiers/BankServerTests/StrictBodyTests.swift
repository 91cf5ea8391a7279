import BankAPI
import Foundation
import Ledger
import Testing

@testable import BankServer

/// A member that is there is read and must be right: whoever wrote it meant something by it.
@Suite struct StrictBodyTests {
    /// A body, each member with a value that is right.
    struct Body: Sendable, CustomTestStringConvertible {
        var name: String
        var members: [String: String]
        var optional: Set<String> = []
        /// There are both or neither.
        var pair: Set<String> = []
        var read: @Sendable (String) throws -> Void

        var testDescription: String { name }

        func text(_ names: some Sequence<String>, _ changes: [String: String] = [:]) -> String {
            let texts = names.sorted().map { "\"\($0)\":\(changes[$0] ?? members[$0] ?? "1")" }
            return "{\(texts.joined(separator: ","))}"
        }

        func isRight(_ names: Set<String>) -> Bool {
            Set(members.keys).subtracting(optional).isSubset(of: names)
                && [0, pair.count].contains(pair.intersection(names).count)
        }
    }

    static let id = "\"\(BadBodyTests.id)\""
    static let account = "\"\(FakeBalances.known)\""

    static let ofKinds: [String: [String: String]] = [
        "transfer": ["debit_account": account, "credit_account": account],
        "deposit": ["credit_account": account], "withdrawal": ["debit_account": account],
        "hold": ["debit_account": account, "credit_account": account, "expires_in": "5"],
        "post": ["hold": id], "void": ["hold": id], "reversal": ["reverses": id],
    ]

    static let transfers: [Body] = TransferKind.allCases.flatMap { kind in
        var members = ofKinds[kind.rawValue] ?? [:]
        members.merge(["id": id, "kind": "\"\(kind)\"", "memo": "\"x\""]) { $1 }
        var body = Body(name: "\(kind)", members: members, optional: ["memo", "expires_in"]) {
            text in
            _ = try TransferBatch(body: Array("{\"atomic\":true,\"transfers\":[\(text)]}".utf8))
        }
        if kind != .void, kind != .reversal {
            body.members.merge(["amount": "\"5\"", "currency": "\"USD\""]) { $1 }
        }
        if kind == .post {
            body.pair = ["amount", "currency"]
            body.optional.formUnion(body.pair)
        }
        var submission = body
        submission.name += ", alone"
        submission.members["ledger"] = id
        submission.optional.insert("ledger")
        submission.read = { _ = try TransferSubmission(body: Array($0.utf8)) }
        return [body, submission]
    }

    static let bodies =
        transfers + [
            Body(
                name: "batch",
                members: [
                    "ledger": id, "atomic": "true",
                    "transfers": "[\(BadBodyTests.transfer([:]))]",
                ], optional: ["ledger"]
            ) { _ = try TransferBatch(body: Array($0.utf8)) },
            Body(name: "lookup", members: ["ids": "[\(id)]"]) {
                _ = try TransferLookup(body: Array($0.utf8))
            },
            Body(
                name: "open",
                members: [
                    "id": id, "ledger": id, "name": "\"x\"", "currency": "\"USD\"",
                    "overdraft_limit": "\"5\"",
                ], optional: ["ledger", "overdraft_limit"]
            ) { _ = try OpenAccount(body: Array($0.utf8)) },
            Body(name: "close", members: ["id": id, "ledger": id], optional: ["ledger"]) {
                _ = try CloseAccount(body: Array($0.utf8))
            },
            Body(
                name: "log in",
                members: ["user": "\"x\"", "password": "\"x\"", "client": "\"x\""],
                optional: ["client"]
            ) { _ = try LogIn(body: Array($0.utf8)) },
            Body(
                name: "change password",
                members: ["old_password": "\"x\"", "new_password": "\"x\""]
            ) { _ = try ChangePassword(body: Array($0.utf8)) },
            Body(
                name: "add user", members: ["user": "\"x\"", "rights": "\"operator\""],
                optional: ["rights"]
            ) { _ = try AddUser(body: Array($0.utf8)) },
        ]

    /// One and two alone, one and two absent.
    @Test(arguments: bodies) func hasEachMemberThatItNeeds(body: Body) {
        let names = body.members.keys.sorted()
        for bits in 0..<(1 << names.count)
        where bits.nonzeroBitCount <= 2 || bits.nonzeroBitCount >= names.count - 2 {
            let some = Set(names.indices.filter { bits >> $0 & 1 == 1 }.map { names[$0] })
            let isRead = (try? body.read(body.text(some))) != nil
            #expect(isRead == body.isRight(some), Comment(rawValue: body.text(some)))
        }
    }

    /// null is one: also of a member that there need not be, and of half a pair.
    @Test(arguments: bodies) func refusesAMemberOfAnotherType(body: Body) throws {
        let values = [
            "null", "5", "1e400", "true", "\"x\"", "\"\"", "[]", "[\"x\"]", "[null]", "{}",
            "[{}]",
        ]
        let right = [
            "memo": ["\"x\""], "name": ["\"x\""], "expires_in": ["5"], "atomic": ["true"],
            "user": ["\"x\"", "\"\""], "password": ["\"x\"", "\"\""], "client": ["\"x\""],
            "old_password": ["\"x\"", "\"\""], "new_password": ["\"x\"", "\"\""],
        ]
        let all = Set(body.members.keys)
        for name in all {
            for names in [all, all.subtracting(body.optional).union([name])] {
                for value in values where right[name]?.contains(value) != true {
                    let text = body.text(names, [name: value])
                    let problem = #expect(throws: Problem.self, Comment(rawValue: text)) {
                        try body.read(text)
                    }
                    let isNamed =
                        problem?.detail.contains(name) == true
                        || body.pair.contains { problem?.detail.contains($0) == true }
                    #expect(isNamed, "\(text): \(problem?.detail ?? "")")
                }
            }
        }
    }

    @Test(arguments: bodies) func refusesTwinsAndStrangers(body: Body) {
        let all = body.members.keys.sorted()
        for name in all + ["x", "Id", "kind ", "id\u{301}", "amount\\u0000"] {
            let text = body.text(all + [name])
            #expect(throws: Problem.self, Comment(rawValue: text)) { try body.read(text) }
        }
    }

    /// As BankAPI reads it, too.
    @Test(arguments: ["\"currency\":\"EUR\"", "\"amount\":\"5\"", "\"currency\":5"])
    func halfOfAnAmountIsInvalid(half: String) {
        let text = "{\"id\":\(Self.id),\"kind\":\"post\",\"hold\":\(Self.id),\(half)}"
        #expect(throws: DecodingError.self) {
            try BankJSON.decoder().decode(TransferRequest.self, from: Data(text.utf8))
        }
    }
}
