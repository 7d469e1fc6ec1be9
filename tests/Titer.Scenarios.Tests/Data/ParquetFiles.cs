using Parquet;
using Parquet.Serialization;

namespace Titer.Scenarios.Tests.Data;

/// <summary>A row as a data set's author might write it.</summary>
internal sealed class Exchange
{
    public string? prompt { get; set; }

    public string? response { get; set; }

    public int likes { get; set; }
}

internal sealed class Turn
{
    public string? role { get; set; }

    public string? content { get; set; }
}

internal sealed class Talk
{
    public List<Turn>? messages { get; set; }
}

internal static class ParquetFiles
{
    /// <summary>Row groups of one row each, so that reading has to go through several.</summary>
    public static async Task<byte[]> Of<T>(IReadOnlyList<T> rows)
        where T : class
    {
        using var file = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, file, new ParquetOptions { RowGroupSize = 1 }, null, TestContext.Current.CancellationToken);
        return file.ToArray();
    }
}
