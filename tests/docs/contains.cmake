# Checks that the text of BLOCK stands, word for word, in FILE.
file(READ ${BLOCK} block)
file(READ ${FILE} text)
string(FIND "${text}" "${block}" at)
if(at EQUAL -1)
  # As a notice, because an error's text is broken into lines wherever the paths happen to end.
  message(NOTICE "${PAGE} shows a part of ${FILE} that is not there (any more):\n${block}")
  message(FATAL_ERROR "The page and the file differ.")
endif()
