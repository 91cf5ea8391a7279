import Testing

@testable import LocalBank

@Suite struct DatabaseAddressTests {
    @Test(arguments: [
        ("postgresql://ann:s3cret@db:5432/bank", "postgresql://ann@db:5432/bank"),
        ("postgresql://ann:s3/cr@et@db/bank", "postgresql://ann@db/bank"),
        ("postgres://ann@db/bank?password=s3cret&x=1", "postgres://ann@db/bank?x=1"),
        ("postgresql://ann@db/bank?pass%77ord=s3cret", "postgresql://ann@db/bank"),
        ("postgresql:///bank?host=/run/pg", "postgresql:///bank?host=/run/pg"),
        ("host=db password=s3cret user=ann", "host=db user=ann"),
        ("host=db password = 's3 \\'cret' user='ann b'", "host=db user='ann b'"),
        ("host=db sslpassword=s3cret", "host=db"),
        // libpq 18's.
        ("postgresql://db/bank?oauth_client_secret=s3cret&x=1", "postgresql://db/bank?x=1"),
        ("host=db scram_client_key=s3cret scram_server_key=s3cret", "host=db"),
        // Byte for byte, as libpq reads it: a mark that joins the character before it hides nothing.
        ("postgresql://ann:\u{301}s3cret@db/bank", "postgresql://ann@db/bank"),
        ("postgresql://ann:s3cret@\u{301}db/bank", "postgresql://ann@\u{301}db/bank"),
        ("postgresql://\u{301}ann:s3cret@db/bank", "postgresql://\u{301}ann@db/bank"),
        (
            "postgresql://db/bank?\u{301}x=1&password=\u{301}s3cret",
            "postgresql://db/bank?\u{301}x=1"
        ),
        (
            "postgresql://db/bank?x=1&\u{301}y=2&password=s3cret",
            "postgresql://db/bank?x=1&\u{301}y=2"
        ),
        ("host=db password=\u{301}s3cret user=ann", "host=db user=ann"),
        ("host=db password='\u{301}s3 cret' user=ann", "host=db user=ann"),
        ("host=db password='s3 cret\\'\u{301} x' user=ann", "host=db user=ann"),
        // To libpq only ASCII's spaces end a value.
        ("host=db password=s3\u{2003}cret user=ann", "host=db user=ann"),
        ("host=db password=a://s3cret user=ann", "host=db user=ann"),
        ("host=db password s3cret", "host=db"),
        ("postgresql://db/bank?password=a@s3cret", "postgresql://db/bank"),
        ("postgresql://db:5432/bank?password=a@s3cret", "postgresql://db"),
        ("postgresql://ann:s3?cr@et@db/bank", "postgresql://ann"),
    ])
    func hidesThePassword(url: String, shown: String) {
        #expect(DatabaseAddress(url).shown == shown)
    }

    @Test func scrubsThePasswordFromSomebodyElsesText() {
        let address = DatabaseAddress("postgresql://ann:s3%20cret@db/bank")
        #expect(address.scrub("refused 's3 cret' (s3%20cret)") == "refused '***' (***)")
    }

    @Test func scrubsWhatTheServerSaid() {
        let address = DatabaseAddress("postgresql://ann:s3cret@db/bank")
        let error = LocalBankError(.databaseAddress, "no s3cret", logTail: ["s3cret"])
        #expect(!"\(error.scrubbed(address)) \(error.scrubbed(address).logTail)".contains("s3cret"))
    }

    @Test(arguments: [
        ("postgresql://ann:\u{301}s3@db/bank", "no '\u{301}s3'", "no '***'"),
        ("postgresql://ann:s3@db/bank", "s3\u{301} or s3", "***\u{301} or ***"),
        ("host=db password=s3\u{2003}cret", "(s3\u{2003}cret)", "(***)"),
    ])
    func scrubsByteForByte(url: String, line: String, scrubbed: String) {
        // Not by ==, to which texts of other bytes can be equal.
        #expect(Array(DatabaseAddress(url).scrub(line).utf8) == Array(scrubbed.utf8))
    }
}
