using System.IO.Compression;
using System.Text;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

public sealed class DataFileTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.json", """[{"prompt":"one","response":"1, \"uno\"\nline"},{"prompt":"zwei é","response":"2"}]""")]
    [InlineData("a.jsonl", "{\"prompt\":\"one\",\"response\":\"1, \\\"uno\\\"\\nline\"}\n\n{\"prompt\":\"zwei é\",\"response\":\"2\"}")]
    [InlineData("a.ndjson", "{\"prompt\":\"one\",\"response\":\"1, \\\"uno\\\"\\nline\"}\r\n{\"prompt\":\"zwei é\",\"response\":\"2\"}\r\n")]
    [InlineData("a.csv", "prompt,response\none,\"1, \"\"uno\"\"\nline\"\nzwei é,2\n")]
    [InlineData("a.tsv", "prompt\tresponse\none\t\"1, \"\"uno\"\"\nline\"\nzwei é\t2\n")]
    public void Every_format_gives_the_same_rows_plain_with_a_byte_order_mark_and_compressed(string name, string text)
    {
        byte[] marked = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)];
        foreach (var path in (string[])[_folder.Write(name, text), _folder.Write("marked-" + name, marked), _folder.Write(name + ".gz", text),
            _folder.Write(name + ".zst", text)])
        {
            var rows = new DataFile(path).Rows().ToArray();

            Assert.Equal([("one", "1, \"uno\"\nline"), ("zwei é", "2")], rows.Select(row => (row.Text("prompt"), row.Text("response"))));
            Assert.Equal([1, 2], rows.Select(row => row.Number));
        }
    }

    [Fact]
    public async Task Parquet_gives_rows_with_texts_numbers_and_lists_of_messages()
    {
        var flat = _folder.Write("flat.parquet",
            await ParquetFiles.Of<Exchange>(
                [new() { prompt = "one", response = "1", likes = 3 }, new() { prompt = "zwei é", response = null, likes = 4 }]));
        var nested = _folder.Write("nested.parquet.gz", await ParquetFiles.Of<Talk>(
            [new() { messages = [new() { role = "user", content = "hi" }, new() { role = "assistant", content = "ho" }] },
                new() { messages = [new() { role = "user", content = "only" }] }]));

        var rows = new DataFile(flat).Rows().ToArray();
        Assert.Equal(["one", "zwei é"], rows.Select(row => row.Text("prompt")));
        Assert.Equal(["1", null], rows.Select(row => row.OptionalText("response")));
        Assert.Equal(3, rows[0].Required("likes").GetInt32());
        var talks = new DataFile(nested).Rows().Select(row => RowConversation.Of(row, DataShapes.Recognize([row], n => n), n => n)!).ToArray();
        Assert.Equal([("hi", "ho"), ("only", null)], talks.Select(talk => (talk.Prompt, talk.Answer)));
    }

    [Fact]
    public void Rows_know_their_line_where_the_format_has_lines()
    {
        Assert.Equal([1L, 3], new DataFile(_folder.Write("a.jsonl", "{}\n\n{}\n")).Rows().Select(row => row.Line!.Value));
        Assert.Equal([2L, 4], new DataFile(_folder.Write("a.csv", "x\n\"1\n2\"\n3\n")).Rows().Select(row => row.Line!.Value));
        Assert.Equal([(2L, "a"), (4, "b")],
            new DataFile(_folder.Write("a.txt", "\na\n\n b \n")).Rows().Select(row => (row.Line!.Value, row.Text("text"))));
    }

    [Fact]
    public void A_csv_without_a_header_line_is_read_with_the_declared_names()
    {
        var row = new DataFile(_folder.Write("a.csv", "one,1\n"), Header: ["prompt", "response"]).Rows().Single();

        Assert.Equal(("one", "1"), (row.Text("prompt"), row.Text("response")));
    }

    [Fact]
    public void A_gzip_stream_that_its_writer_never_finished_is_an_error_wherever_it_was_cut()
    {
        // Every row is flushed, so that all of them can be unpacked and nothing but the end is missing.
        var path = System.IO.Path.Combine(_folder.Path, "open.jsonl.gz");
        using (var memory = new MemoryStream())
        {
            using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
            {
                for (var i = 0; i < 50; i++)
                {
                    gzip.Write(Encoding.UTF8.GetBytes($"{{\"prompt\":\"{i}\"}}\n"));
                    gzip.Flush();
                }

                File.WriteAllBytes(path, memory.ToArray());
            }

            Assert.Contains("TITER525", Assert.Throws<ScenarioException>(() => new DataFile(path).Rows().Count()).Message, StringComparison.Ordinal);
            // Two whole streams one after the other are one file, as gzip itself has it.
            File.WriteAllBytes(path, [.. memory.ToArray(), .. memory.ToArray()]);
            Assert.Equal(100, new DataFile(path).Rows().Count());
        }
    }

    [Theory]
    [InlineData(",prompt,response\n0,one,1\n1,two,2\n")]
    [InlineData("prompt,response,\none,1,\ntwo,2,\n")]
    [InlineData("prompt,response,,\none,1,,\ntwo,2,,x\n")]
    public void A_column_without_a_name_is_left_out(string text)
    {
        var rows = new DataFile(_folder.Write("a.csv", text)).Rows().ToArray();

        Assert.Equal([("one", "1"), ("two", "2")], rows.Select(row => (row.Text("prompt"), row.Text("response"))));
        Assert.All(rows, row => Assert.Equal(2, row.Fields.EnumerateObject().Count()));
    }

    [Fact]
    public void Rows_are_read_as_they_are_asked_for()
    {
        // The second row is broken; who takes one row never sees it.
        var path = _folder.Write("a.jsonl", "{\"prompt\":\"one\"}\n{broken\n");

        Assert.Equal("one", new DataFile(path).Rows().First().Text("prompt"));
        Assert.Throws<ScenarioException>(() => new DataFile(path).Rows().Count());
    }

    [Theory]
    [InlineData("a.jsonl", "{\"prompt\":\"zzz\"}\n{\"prompt\": zzz}\n", "TITER525 Row 2 (line 2) is not JSON at byte 12")]
    [InlineData("a.jsonl", "[\"zzz\"]\n", "TITER525 Row 1 (line 1) is a JSON array")]
    [InlineData("a.json", "{\"prompt\":\"zzz\"}", "TITER525 Row 1 (line 1) cannot be read")]
    [InlineData("a.json", "[{\"prompt\":\"zzz\"}, zzz]", "TITER525 Row")]
    [InlineData("a.json", "[\"zzz\"]", "TITER525 Row 1 is a JSON string")]
    [InlineData("a.csv", "prompt,response\nzzz\n", "TITER525 Row 1 (line 2) has 1 fields, the header has 2")]
    [InlineData("a.csv", "prompt,prompt\nzzz,zzz\n", "TITER525 The header line has no or a doubled name")]
    [InlineData("a.csv", "prompt,response\nzzz,z\"z\"z\n", "TITER525 Row 1 (line 2) is not CSV")]
    [InlineData("a.parquet", "PAR1 zzz", "TITER525 Row 1 cannot be read: the file is not Parquet")]
    [InlineData("a.doc", "zzz", "TITER524 The format is not clear")]
    public void A_row_that_cannot_be_read_is_named_and_its_text_is_not_repeated(string name, string text, string fact)
    {
        var refusal = Assert.Throws<ScenarioException>(() => new DataFile(_folder.Write(name, text)).Rows().Count());

        Assert.Contains(fact, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", refusal.Message.Replace(_folder.Path, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_damaged_and_wrongly_encoded_files_are_coded_refusals()
    {
        AssertRefused("TITER524", System.IO.Path.Combine(_folder.Path, "absent.jsonl"));
        AssertRefused("TITER525", _folder.Write("latin.jsonl", [.. "{\"prompt\":\""u8, 0xE9, .. "\"}"u8]));
        AssertRefused("TITER525", _folder.Write("latin.csv", [.. "prompt\n"u8, 0xE9]));
        AssertRefused("TITER525", _folder.Write("latin.txt", [0xE9]));
        var whole = _folder.Write("cut.jsonl.gz", string.Concat(Enumerable.Range(0, 2000).Select(i => $"{{\"prompt\":\"{i * 7919 % 4001}\"}}\n")));
        File.WriteAllBytes(whole, File.ReadAllBytes(whole)[..^2000]);
        AssertRefused("TITER525", whole);
        var packed = _folder.Write("cut.jsonl.zst", string.Concat(Enumerable.Range(0, 2000).Select(i => $"{{\"prompt\":\"{i * 7919 % 4001}\"}}\n")));
        File.WriteAllBytes(packed, File.ReadAllBytes(packed)[..^200]);
        AssertRefused("TITER525", packed);
        var plain = _folder.Write("plain.jsonl", "{}");
        File.Copy(plain, plain + ".zst");
        AssertRefused("TITER525", plain + ".zst");
        File.Move(plain, plain + ".gz");
        AssertRefused("TITER525", plain + ".gz");
        AssertRefused("TITER420", _folder.Write("pointer.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"));

        static void AssertRefused(string code, string path) =>
            Assert.Contains(code, Assert.Throws<ScenarioException>(() => new DataFile(path).Rows().Count()).Message, StringComparison.Ordinal);
    }
}
