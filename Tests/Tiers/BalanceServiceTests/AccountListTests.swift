import BalanceAPI
import Chain
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct AccountListTests {
        typealias Request = Teller_Balance_V1_ListAccountsRequest

        private func pages(_ service: RunningService, size: Int32, currency: String = "")
            async throws -> [[String]]
        {
            var pages: [[String]] = []
            var token = ""
            repeat {
                let request = Request.with {
                    $0.pageSize = size
                    $0.pageToken = token
                    $0.currency = currency
                }
                let reply = try await service.balances.listAccounts(request)
                pages.append(reply.accounts.map(\.account))
                token = reply.nextPageToken
            } while !token.isEmpty && pages.count < 100
            return pages
        }

        @Test(.bankService) func pagesThroughAllCustomers() async throws {
            let ids = try await TestPostgres.psql(
                service.database,
                "SELECT id FROM teller.accounts WHERE kind = 'customer' ORDER BY id")
            let expected = try ids.split(separator: "\n").compactMap { Int64($0) }.map {
                try account($0)
            }
            #expect(expected.count == 11)
            for size in [1, 2, 10, 11, 12, 500, 0] as [Int32] {
                let pages = try await pages(service, size: size)
                #expect(pages.flatMap { $0 } == expected)
                // No page that a caller would turn for nothing.
                #expect(pages.allSatisfy { !$0.isEmpty })
            }
        }

        @Test(.bankService) func keepsToACurrency() async throws {
            let pages = try await pages(service, size: 2, currency: "JPY")
            #expect(pages.flatMap { $0 } == (try [42, 51, 52].map { try account($0) }))
            #expect(try await self.pages(service, size: 2, currency: "CHF") == [[]])
        }

        private static let invalid: [(Request, BalanceErrorReason)] = [
            (Request.with { $0.pageSize = 501 }, BalanceErrorReason.pageSizeInvalid),
            (.with { $0.pageSize = -1 }, .pageSizeInvalid),
            (.with { $0.pageSize = .max }, .pageSizeInvalid),
            (.with { $0.pageToken = "nonsense" }, .pageTokenInvalid),
            (.with { $0.pageToken = "a01" }, .pageTokenInvalid),
            (.with { $0.currency = "usd" }, .currencyInvalid),
            (.with { $0.currency = "XXQ" }, .currencyInvalid),
            (.with { $0.currency = "'; DROP TABLE" }, .currencyInvalid),
        ]

        @Test(.bankService) func refusesWhatMakesNoSense() async throws {
            for (request, reason) in Self.invalid {
                await expectFailure(.invalidArgument, because: reason) {
                    try await service.balances.listAccounts(request)
                }
            }
        }

        @Test(.bankService) func timesOnlyWhatIsSampled() async throws {
            for isSampled in [true, false] {
                let text = try await service.balances.listAccounts(
                    .init(), metadata: .trace(sampled: isSampled)
                ) { response in
                    _ = try response.message
                    return response.trailingMetadata[stringValues: ServerTiming.headerName].first {
                        _ in true
                    }
                }
                let names = text.map { ServerTiming(parsing: $0).metrics.map(\.name) }
                #expect(names == (isSampled ? ["balance-service", "postgresql"] : nil))
            }
        }
    }
}
