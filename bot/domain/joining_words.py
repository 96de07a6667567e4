"""The words that join names, in many languages: "@ana and @ben", "with @ana". They alone make no win."""

_IN_LISTS = """
    a aadtẽ aamma aaḍẽ abo agus alebo ali ama an anaa and ani ar asuí at atau atawa au aur aŭ aḍe be bụ c caeuq d
    da dan dhe e edo el ella eller en et eta eða ha hoặc i ili in ir iyo ja k kaj kar ketũmỹr ko koo kple kɛ lan
    lub ma maraj mo mpé n na ne nebo neu neɣ niɣ no nó o och oder of og okanye or ose ou pe pē pɔp roxnaeuz rānei
    sareng sau tabi tai tàbí u ug un und ut utaq utowo va vagy vai ve veya vo và või və we y yaa yaxud yoki àti è
    èn és ò òf û ýa ŋ́gɛ și ḿbɛn ọ ή και або аль болмаса ва е жана же және зэргийн и или и҆ йәки ма не нэг тата
    уонна ці эсвэл яки ямаса ё і ҳәм һәм ӕмӕ եւ կամ או און ו آں أو او اور تٕہ جانە نە و وو يا یا ۽ ܐܘ ܘ आआतेँ आणि
    आरो ऑड़े और कने किंवा तथा ति ते या र वा অমসুং আৰু এবং বা ਅਤੇ ਜਾਂ અથવા અને ଅଡ଼େ ଆଆତେଁ ଓ କିମ୍ବା அல்லது மற்றும்
    మరియు లేదా ಅಥವಾ ಮತ್ತು അല്ലെങ്കിൽ සහ හෝ หรือ และ ຫຼື ແລະ དང နှင့် လႄႈ သို့မဟုတ် ႁိုဝ် ან და ን እና ወይ ወይም ᎠᎴ ᎠᎴᏱᎩ
    ᐊᐍᑳ ᐊᐠᐘ និង ឬ ᱟᱨ ᱟᱨᱵᱟᱝᱠᱷᱟᱱ または 及 同 和 或 ꅀ ꌋꆀ 또는 및 𐑯 𐑹 𑄃𑄳𑄃 𞤥𞤢𞥄𞤯𞤵𞤲 𞤫
"""
"""What Unicode's CLDR puts between the items of a list, in each of its languages."""

_AROUND_NAMES = """
    along also as avec both by cc com con dengan ed for from ile kanssa me med meg met mit myself plus s samt
    sekä sowie the then to together too us với w well with z zusammen με з й с та עם مع के व साथ กับ か と や 与 與 跟
    과 랑 와 이랑 하고
"""
"""What else stands around names, in the languages with the most speakers."""

JOINING_WORDS = frozenset(word.casefold() for word in f"{_IN_LISTS} {_AROUND_NAMES}".split())
