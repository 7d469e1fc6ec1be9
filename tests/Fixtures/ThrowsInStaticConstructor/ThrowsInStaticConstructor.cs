using Titer.Sdk;
[assembly: TiterPlugin("throws_in_static_constructor", SdkApi.Level)]

namespace ThrowsInStaticConstructor;

public sealed class UnreadyDefense : IDefense
{
    private static readonly string Table;

#pragma warning disable CA1810 // An explicit static constructor runs before the first instance is made; an inline initializer may run later.
    static UnreadyDefense() => Table = Load();
#pragma warning restore CA1810

    public void Immunize(DefenseContext context) => ArgumentNullException.ThrowIfNull(Table);

    private static string Load() => throw new InvalidOperationException("the table is missing");
}
