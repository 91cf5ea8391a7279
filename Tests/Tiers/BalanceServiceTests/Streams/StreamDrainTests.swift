import BalanceAPI
import Chain
import GRPCCore
import Ledger
import NIOCore
import NIOPosix
import ServiceLifecycle
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct StreamDrainTests {
        /// What was read is answered; then, and on idle streams at once, it says that it closes and ends.
        @Test(.bankService) func answersWhatItHasReadAndCloses() async throws {
            let expected = try await service.balances(17)
            try await service.withBalancesStream { idle in
                _ = try await idle.ask(1, 18)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await whileTablesAreLocked(in: service.database) { () async throws in
                        group.addTask {
                            try await service.withBalancesStream { stream in
                                let answer = try await stream.ask(5, 17)
                                #expect(answer?.number == 5)
                                #expect(
                                    answer?.response.outcomes.map(\.account.balance) == expected)
                                try await expectClosing(stream)
                            }
                        }
                        try await waitForBlocked(1..., in: service.database)
                        await service.services.triggerGracefulShutdown()
                        try await expectClosing(idle)
                    }
                    try await group.waitForAll()
                }
            }
        }

        private func expectClosing(_ stream: BalancesEnd) async throws {
            #expect(try await stream.next()?.closing == true)
            stream.batches.finish()
            #expect(try await stream.next() == nil)
        }

        private func expectClosing(_ stream: TransfersEnd) async throws {
            #expect(try await stream.next()?.closing == true)
            stream.batches.finish()
            #expect(try await stream.next() == nil)
        }

        /// What it finds on its way was not begun, and its caller is told: another service may do it.
        @Test(.postingService(customers: 1)) func aBatchThatCrossesItIsRefused() async throws {
            let deposit = try Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(try .deposit(5, to: 100))]
            }
            try await service.withTransfersStream { stream in
                _ = try await stream.submit(1, [])
                await service.services.triggerGracefulShutdown()
                #expect(try await stream.next()?.closing == true)
                let answer = try await stream.submit(2, [deposit])
                #expect(answer?.number == 2)
                #expect(answer?.error.code == 14)
                #expect(answer?.error.reason == "SHUTTING_DOWN")
                stream.batches.finish()
                #expect(try await stream.next() == nil)
            }
            let balance = "SELECT balance FROM teller.accounts WHERE id = 100"
            #expect(try await TestPostgres.psql(service.database, balance) == "0")
        }

        /// A transfer takes until there is a row in a table: a wait for a lock would end by itself.
        private static let slowTransfers = """
            CREATE TABLE public.go (i int);
            GRANT SELECT ON public.go TO teller_app;
            CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                WHILE NOT EXISTS (SELECT FROM public.go) LOOP PERFORM pg_sleep(0.01); END LOOP;
                RETURN NEW;
            END $$;
            CREATE TRIGGER wait BEFORE INSERT ON teller.transfers
            FOR EACH ROW EXECUTE FUNCTION public.wait()
            """

        private static let sleeping = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'PgSleep'
            """

        @Test(.postingService(customers: 1)) func aTransferUnderWayIsAnswered() async throws {
            let deposit = try Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(try .deposit(5, to: 100))]
                $0.context.timeoutMicroseconds = 60_000_000
            }
            try await service.withTransfersStream { idle in
                _ = try await idle.submit(1, [])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await TestPostgres.psql(service.database, Self.slowTransfers)
                    group.addTask {
                        try await service.withTransfersStream { stream in
                            let answer = try await stream.submit(5, [deposit])
                            let outcome = answer?.response.groups.first
                            #expect(outcome?.outcomes.first?.done.hasCredit == true)
                            try await expectClosing(stream)
                        }
                    }
                    try await eventually {
                        try await TestPostgres.psql(service.database, Self.sleeping) == "1"
                    }
                    await service.services.triggerGracefulShutdown()
                    try await expectClosing(idle)
                    try await TestPostgres.psql(
                        service.database, "INSERT INTO public.go VALUES (1)")
                    try await group.waitForAll()
                }
            }
            let balance = "SELECT balance FROM teller.accounts WHERE id = 100"
            #expect(try await TestPostgres.psql(service.database, balance) == "5")
        }
    }
}
