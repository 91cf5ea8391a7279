import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct StatementTests {
        typealias Request = Teller_Balance_V1_GetStatementRequest
        typealias Response = Teller_Balance_V1_GetStatementResponse

        private func statement(
            _ service: RunningService, _ change: (inout Request) throws -> Void = { _ in }
        ) async throws -> Response {
            var request = Request()
            request.account = try account(17)
            try change(&request)
            return try await service.ledger.getStatement(request)
        }

        /// All pages; `between` runs after each.
        private func pages(
            _ service: RunningService, size: Int32, from: Int64? = nil, to: Int64? = nil,
            between: () async throws -> Void = {}
        ) async throws -> [Response] {
            var pages: [Response] = []
            repeat {
                let page = try await statement(service) { request in
                    request.pageSize = size
                    request.pageToken = pages.last?.nextPageToken ?? ""
                    if let from { request.fromMicroseconds = from }
                    if let to { request.toMicroseconds = to }
                }
                pages.append(page)
                try await between()
            } while pages.last?.nextPageToken.isEmpty == false && pages.count < 50
            return pages
        }

        @Test(.bankService) func tellsOfEachEntry() async throws {
            let statement = try await statement(service)
            #expect(statement.account.account == (try account(17)))
            #expect(statement.account.balance == 123_456)
            #expect(statement.entries.map(\.version) == [4, 3, 2, 1])
            #expect(statement.entries.map(\.amount) == [-38889, 12345, -100_000, 250_000])
            #expect(statement.entries.map(\.balanceAfter) == [123_456, 162_345, 150_000, 250_000])
            #expect(
                statement.entries.map(\.kind) == ["transfer", "transfer", "transfer", "deposit"])
            #expect(
                statement.entries.map(\.otherAccount)
                    == (try [41, 32, 18, 1].map { try account($0) }))
            #expect(statement.entries.map(\.memo).last == "Deposit")
            #expect(statement.openingBalance == 0 && statement.closingBalance == 123_456)
            #expect(statement.nextPageToken.isEmpty)
            #expect(
                statement.entries.map(\.transfer).last.flatMap { Identifier(bytes: $0) }
                    == Identifier("0000de30-0000-7000-8000-000000000001"))
        }

        /// Against PostgreSQL's own search by time, at and around every entry.
        @Test(.bankService) func keepsToTheTimes() async throws {
            let all = try await statement(service).entries.reversed().map { $0 }
            let times =
                all.map(\.postedAtMicroseconds).flatMap { [$0 - 1, $0, $0 + 1] } + [.min, 0, .max]
            for from in times {
                for to in times where from <= to {
                    let found = try await statement(service) {
                        ($0.fromMicroseconds, $0.toMicroseconds) = (from, to)
                    }
                    let wanted = all.filter {
                        from <= $0.postedAtMicroseconds && $0.postedAtMicroseconds < to
                    }
                    #expect(found.entries == wanted.reversed())
                    #expect(
                        found.openingBalance == all.last { $0.postedAtMicroseconds < from }?
                            .balanceAfter ?? 0)
                    #expect(
                        found.closingBalance == all.last { $0.postedAtMicroseconds < to }?
                            .balanceAfter ?? 0)
                }
            }
        }

        @Test(.bankService) func pagesStayWhileEntriesArrive() async throws {
            let first = try await statement(service)
            for size in [1, 2, 3, 4, 500] as [Int32] {
                let before = try await statement(service)
                let pages = try await pages(service, size: size) {
                    _ = try await service.submit(.transfer(1, from: 17, to: 18))
                }
                #expect(pages.flatMap(\.entries) == before.entries)
                #expect(pages.allSatisfy { $0.openingBalance == 0 && !$0.entries.isEmpty })
                #expect(pages.allSatisfy { $0.closingBalance == before.closingBalance })
            }
            // What ends in the future has no more either.
            let now = try await statement(service)
            let pages = try await pages(service, size: 5, from: 0, to: .max) {
                _ = try await service.submit(.transfer(1, from: 17, to: 18))
            }
            #expect(pages.flatMap(\.entries) == now.entries)
            #expect(now.entries.count > first.entries.count)
        }

        @Test(.bankService) func anAccountWithoutEntriesHasAnEmptyOne() async throws {
            let opened = try await service.open(.named("Zoë")).account
            for to in [nil, 0, Int64.max] {
                let empty = try await statement(service) {
                    $0.account = opened.account
                    if let to { $0.toMicroseconds = to }
                }
                #expect(empty.entries.isEmpty && empty.nextPageToken.isEmpty)
                #expect(empty.openingBalance == 0 && empty.closingBalance == 0)
            }
        }

        private static let invalid:
            [(RPCError.Code, BalanceErrorReason, @Sendable (inout Request) throws -> Void)] = [
                (.notFound, .accountUnknown, { $0.account = try account(4711) }),
                (.notFound, .accountUnknown, { $0.account = try account(17, bank: "ELSE") }),
                (.invalidArgument, .requestInvalid, { $0.account = "nonsense" }),
                (.invalidArgument, .pageSizeInvalid, { $0.pageSize = 501 }),
                (.invalidArgument, .pageSizeInvalid, { $0.pageSize = -1 }),
                (.invalidArgument, .pageTokenInvalid, { $0.pageToken = "nonsense" }),
                (.invalidArgument, .pageTokenInvalid, { $0.pageToken = "sh.5.6" }),
                (
                    .invalidArgument, .pageTokenInvalid,
                    { $0.pageToken = StatementToken(account: 18, upper: 4, last: 2).text }
                ),
                (
                    .invalidArgument, .requestInvalid,
                    { ($0.fromMicroseconds, $0.toMicroseconds) = (2, 1) }
                ),
            ]

        @Test(.bankService) func refusesWhatMakesNoSense() async throws {
            for (code, reason, change) in Self.invalid {
                await expectFailure(code, because: reason) { try await statement(service, change) }
            }
        }

        /// A token with large numbers is only a place where nothing is.
        @Test(.bankService) func aTokenMayBeMadeUp() async throws {
            let token = StatementToken(account: 17, upper: .max, last: .max)
            #expect(StatementToken(token.text) == token)
            let page = try await statement(service) { $0.pageToken = token.text }
            #expect(page.entries.count == 4)
        }
    }
}
