using Titer.Sdk;

[assembly: TiterPlugin("throws_in_static_constructor", SdkApi.Level)]

namespace ThrowsInStaticConstructor;

public sealed class UnreadyDefense : IDefense
{
    private static readonly string Table = Load();

    public void Immunize(DefenseContext context) => ArgumentNullException.ThrowIfNull(Table);

    private static string Load() => throw new InvalidOperationException("the table is missing");
}
