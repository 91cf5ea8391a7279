import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5)))
struct AnswerTests {
    @Test func atOnce() async throws {
        try await TestServer.run { server in
            try await Caller.run(server) { caller in
                try await caller.get("/now")
                let head = try await caller.read(until: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ndate: "))
                #expect(head.contains("\r\ncontent-length: 3\r\n"))
                #expect(try await caller.read(until: "now") == "now")
                try await caller.send("HEAD /now HTTP/1.1\r\nconnection: close\r\n\r\n")
                let last = try await caller.readToEnd()
                #expect(last.contains("content-length: 3\r\n"))
                #expect(last.hasSuffix("\r\n\r\n"))
            }
            #expect(await server.responder.wait(for: "/now 200"))
        }
    }

    /// While one waits, others are answered by the same loop.
    @Test func laterByACallback() async throws {
        try await TestServer.run { server in
            try await Caller.run(server) { first in
                // What is pipelined waits its turn.
                try await first.send("GET /later HTTP/1.1\r\n\r\nGET /now HTTP/1.1\r\n\r\n")
                let kept = try #require(await server.responder.nextKept())
                try await Caller.run(server) { second in
                    try await second.get("/now")
                    #expect(try await second.read(until: "now").hasPrefix("HTTP/1.1 200 "))
                }
                try await kept.use { exchange in
                    exchange.answer(.text(.ok, "later"))
                    // Only the first one counts.
                    exchange.answer(.text(.ok, "twice"))
                }
                let answers = try await first.read(until: "now")
                #expect(answers.ranges(of: "HTTP/1.1 200 OK").count == 2)
                #expect(answers.contains("later") && !answers.contains("twice"))
            }
        }
    }

    /// An answer at once takes no stack for the one after it.
    @Test func manyThatWaitTogether() async throws {
        try await TestServer.call { server, caller in
            let many = String(repeating: "GET /now HTTP/1.1\r\n\r\n", count: 5000)
            try await caller.send("GET /later HTTP/1.1\r\n\r\n" + many)
            caller.closeOutput()
            let kept = try #require(await server.responder.nextKept())
            try await kept.use { $0.answer(.text(.ok, "later")) }
            let answers = try await caller.readToEnd()
            #expect(answers.utf8.split(separator: UInt8(ascii: "\n")).count > 5000 * 5)
        }
    }

    @Test func byATask() async throws {
        try await TestServer.run { server in
            server.responder.release.finish()
            try await Caller.run(server) { caller in
                try await caller.get("/read")
                #expect(try await caller.read(until: "done").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test(arguments: [
        ("POST /echo HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", "abc"),
        (
            "POST /echo HTTP/1.1\r\ncontent-length: 101\r\n\r\n"
                + String(repeating: "x", count: 101),
            "bodyTooLarge(limit: 100)"
        ),
        ("POST /echo HTTP/1.1\r\ncontent-length: 3\r\n\r\na", "bodyEndedEarly"),
        ("\u{1}\r\n\r\n", "notHTTP"),
        ("GET /now HTTP/1.1\r\nx: " + String(repeating: "x", count: 20_000), "headTooLarge"),
        ("POST /refused HTTP/1.1\r\ncontent-length: 3\r\n\r\n", "refused"),
    ])
    func toWhatCannotBeAnswered(text: String, answer: String) async throws {
        try await TestServer.call { server, caller in
            try await caller.send(text)
            caller.closeOutput()
            #expect(try await caller.readToEnd().hasSuffix("\r\n\r\n\(answer)"))
        }
    }

    @Test func aBodyHasItsTime() async throws {
        try await TestServer.call {
            $0.bodyTime = .milliseconds(50)
        } _: { server, caller in
            try await caller.send("POST /echo HTTP/1.1\r\ncontent-length: 3\r\n\r\na")
            #expect(try await caller.readToEnd().hasSuffix("\r\n\r\nbodyTimedOut"))
        }
    }

    /// Without a body that nobody reads, the connection is as good as before.
    @Test func aRefusalKeepsItsConnection() async throws {
        try await TestServer.call { server, caller in
            try await caller.get("/refused")
            #expect(try await caller.read(until: "refused").hasPrefix("HTTP/1.1 403 "))
            try await caller.get("/now")
            #expect(try await caller.read(until: "now").hasPrefix("HTTP/1.1 200 "))
        }
    }
}
