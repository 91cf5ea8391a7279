import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CallerLeavesTests {
    @Test func aTaskIsCancelled() async throws {
        try await TestServer.run { server in
            try await Caller.run(server) { caller in
                try await caller.get("/read")
                #expect(await server.responder.wait(for: "/read begins"))
            }
            #expect(await server.responder.wait(for: "cancelled"))
            // It is told of, though nobody reads the answer.
            #expect(await server.responder.wait(for: "/read 200"))
        }
    }

    /// The server does not end before it.
    @Test func aTaskThatMustEndIsNotCancelled() async throws {
        let responder = try await TestServer.run { server in
            try await Caller.run(server) { caller in
                try await caller.get("/later")
                try await Caller.run(server) { writer in
                    try await writer.get("/write")
                    #expect(await server.responder.wait(for: "/write begins"))
                }
                _ = try #require(await server.responder.nextKept())
            }
            #expect(await server.responder.wait(for: "left"))
            await server.shutDown()
            server.responder.release.finish()
            return server.responder
        }
        #expect(await responder.wait(for: "done"))
    }

    @Test func aCallbackIsCalled() async throws {
        try await TestServer.run { server in
            let kept = try await Caller.run(server) { caller in
                try await caller.get("/later")
                return try #require(await server.responder.nextKept())
            }
            #expect(await server.responder.wait(for: "left"))
            let hasLeft = try await kept.use { exchange in
                exchange.answer(.text(.ok, "nobody"))
                return exchange.hasCallerLeft
            }
            #expect(hasLeft)
            #expect(await server.responder.wait(for: "/later 200"))
        }
    }

    /// It has said all, and still reads: RFC 9112, section 9.6.
    @Test func whoClosesOnlyItsSideStays() async throws {
        try await TestServer.call {
            $0.presenceTime = .milliseconds(20)
        } _: { server, caller in
            try await caller.get("/later")
            caller.closeOutput()
            let kept = try #require(await server.responder.nextKept())
            #expect(try await caller.read(until: "\r\n\r\n") == "HTTP/1.1 102 Processing\r\n\r\n")
            try await kept.use { $0.answer(.text(.ok, "later")) }
            #expect(try await caller.readToEnd().hasSuffix("later"))
        }
    }
}
