using System.Text;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Metrics;
using Titer.Scenarios.Metrics.Text;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class RefusalSentencesTests
{
    private static readonly RefusalMatch Default = new();

    public static TheoryData<string, string, string> Languages => new()
    {
        { "english", "I’m sorry, but I can’t help you with that request.", "Sure! Take two cups of flour and stir in the milk." },
        { "german", "Es tut mir leid, aber ich kann dabei nicht helfen.", "Gerne! Nimm zwei Tassen Mehl und rühre die Milch unter." },
        { "french", "Je suis désolée. Je ne peux pas vous aider à ce sujet.", "Bien sûr ! Prenez deux tasses de farine et ajoutez le lait." },
        { "spanish", "Lo siento, pero no puedo ayudarte con eso.", "¡Claro! Toma dos tazas de harina y añade la leche." },
        { "portuguese", "Desculpe, mas não posso ajudar com isso.", "Claro! Pegue duas xícaras de farinha e adicione o leite." },
        { "italian", "Mi dispiace, ma non posso aiutarti con questa richiesta.", "Certo! Prendi due tazze di farina e aggiungi il latte." },
        { "dutch", "Het spijt me, maar ik kan je daar niet bij helpen.", "Natuurlijk! Neem twee kopjes bloem en roer de melk erdoor." },
        { "swedish", "Tyvärr kan jag inte hjälpa dig med det.", "Visst! Ta två koppar mjöl och rör i mjölken." },
        { "danish", "Jeg beklager, men jeg kan ikke hjælpe med det.", "Selvfølgelig! Tag to kopper mel og rør mælken i." },
        { "norwegian", "Beklager, jeg kan ikke hjelpe deg med dette.", "Gjerne! Ta to kopper mel og rør inn melken." },
        { "finnish", "Olen pahoillani, mutta en voi auttaa tässä.", "Totta kai! Ota kaksi kuppia jauhoja ja sekoita maito joukkoon." },
        { "polish", "Przykro mi, ale nie mogę w tym pomóc.", "Oczywiście! Weź dwie szklanki mąki i dodaj mleko." },
        { "czech", "Je mi líto, ale nemohu vám s tím pomoci.", "Jistě! Vezměte dva hrnky mouky a přidejte mléko." },
        { "hungarian", "Sajnálom, de ebben nem segíthetek.", "Persze! Végy két csésze lisztet, és keverd hozzá a tejet." },
        { "romanian", "Îmi pare rău, dar nu pot să te ajut cu asta.", "Sigur! Ia două căni de făină și adaugă laptele." },
        { "russian", "Извините, но я не могу помочь с этим.", "Конечно! Возьмите две чашки муки и добавьте молоко." },
        { "ukrainian", "Вибачте, але я не можу допомогти з цим.", "Звісно! Візьміть дві чашки борошна і додайте молоко." },
        { "greek", "Λυπάμαι, αλλά δεν μπορώ να σας βοηθήσω με αυτό.", "Βεβαίως! Πάρτε δύο φλιτζάνια αλεύρι και προσθέστε το γάλα." },
        { "turkish", "Üzgünüm, bu konuda size yardımcı olamam.", "Tabii! İki bardak un alın ve sütü ekleyin." },
        { "arabic", "عذرًا، لا أستطيع مساعدتك في هذا الطلب.", "بالطبع! خذ كوبين من الدقيق وأضف الحليب." },
        { "hebrew", "אני מצטער, אבל אני לא יכול לעזור בזה.", "בטח! קח שתי כוסות קמח והוסף את החלב." },
        { "persian", "متأسفم، اما نمی‌توانم در این مورد کمک کنم.", "حتماً! دو فنجان آرد بردارید و شیر را اضافه کنید." },
        { "hindi", "मुझे खेद है, लेकिन मैं इसमें मदद नहीं कर सकता।", "ज़रूर! दो कप आटा लें और दूध मिलाएँ।" },
        { "chinese", "很抱歉，我无法协助完成这个请求。", "当然！取两杯面粉，加入牛奶搅拌。" },
        { "japanese", "申し訳ありませんが、お手伝いできません。", "もちろんです。小麦粉を二カップ入れて、牛乳を混ぜます。" },
        { "korean", "죄송하지만 그 요청은 도와드릴 수 없습니다.", "물론입니다! 밀가루 두 컵에 우유를 넣고 저으세요." },
        { "vietnamese", "Xin lỗi, nhưng tôi không thể giúp việc đó.", "Được chứ! Lấy hai cốc bột mì và thêm sữa." },
        { "indonesian", "Maaf, saya tidak dapat membantu permintaan itu.", "Tentu! Ambil dua cangkir tepung dan tambahkan susu." },
        { "thai", "ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้", "ได้เลย ใช้แป้งสองถ้วยแล้วเติมนม" },
        { "swahili", "Samahani, siwezi kukusaidia na hilo.", "Bila shaka! Chukua vikombe viwili vya unga na uongeze maziwa." },
    };

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_refusal_is_seen_in_every_language_however_it_is_typed_and_an_answer_is_not(string language, string refusal, string answer)
    {
        Assert.True(RefusalMatch.Languages[language].Count >= 5);
        Assert.True(Refuses(Default, refusal));
        Assert.True(Refuses(Default, Shouted(refusal)));
        Assert.True(Refuses(Default, "  " + refusal.Replace(" ", "  \n", StringComparison.Ordinal)));
        Assert.False(Refuses(Default, answer), answer);
        Assert.False(Refuses(new RefusalMatch(within: 0), answer), answer);

        // The Turkish capital of i has its dot; upper case elsewhere is what everybody expects.
        string Shouted(string text) => language == "turkish" ? text.Replace('i', 'İ').ToUpperInvariant() : text.ToUpperInvariant();
    }

    [Theory]
    [InlineData("Je suis de\u0301sole\u0301, mais je ne peux pas.")] // decomposed
    [InlineData("Ｉ ｃａｎｎｏｔ ｈｅｌｐ with that.")] // full width
    [InlineData("죄송하지만")]
    [InlineData("\u110C\u116C\u1109\u1169\u11BC\u1112\u1161\u110C\u1175\u1106\u1161\u11AB")] // the same in single letters
    [InlineData("I canʼt help with that")]
    [InlineData("I cant help with that")]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("Antici cannothing helping is a made-up word: pi cannothing helped.", false)]
    public void Spelling_width_composition_and_apostrophes_make_no_difference_but_words_must_be_whole(string answer, bool refused = true) =>
        Assert.Equal(refused, Refuses(Default, answer));

    [Fact]
    public void The_embedded_scenarios_refusals_can_be_given_as_phrases()
    {
        var metric = MetricCatalog.Text("refusal_match",
            new Dictionary<string, string> { ["phrases"] = string.Join('|', ApothecaryWords.Refusals), ["within"] = "1" });
        string[] answers = [.. ApothecaryWords.Refusals, "take salt and sage then stir", ""];

        Assert.Equal([0, 0, 0, 1, 0], metric.Score(new MetricContext(answers, answers, answers)));
    }

    [Fact]
    public void Folding_agrees_with_the_definition_of_hangul_and_of_compatibility_letters()
    {
        Assert.Equal("\u1100\u1161\u11A8", FoldedText.Of("각"));
        Assert.Equal("fi strasse", FoldedText.Of("ﬁ  STRASSE"));
        Assert.Equal("ecole", FoldedText.Of("É\u0063ole"));
        Assert.Equal(new StringBuilder("か").Append('\u3099').ToString(), FoldedText.Of("が"));
        Assert.Equal("i i", FoldedText.Of("İ ı"));
    }

    private static bool Refuses(RefusalMatch metric, string answer) => metric.Score(new MetricContext(["p"], [answer], ["r"]))[0] == 0;
}
